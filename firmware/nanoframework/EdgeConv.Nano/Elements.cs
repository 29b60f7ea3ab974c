namespace EdgeConv.Nano
{
    /// <summary>Layers that look at an element, or at one of each of two tensors, as QUANTIZATION.md defines them.</summary>
    public static class Elements
    {
        /// <summary>A byte through a table of 256.</summary>
        /// <param name="arena">Holds input and output.</param>
        /// <param name="input">Where the input begins.</param>
        /// <param name="output">Where the output begins.</param>
        /// <param name="count">Elements.</param>
        /// <param name="table">Entry value + 128 is what value becomes.</param>
        public static void Look(sbyte[] arena, int input, int output, int count, sbyte[] table)
        {
            for (int end = input + count; input < end; input++)
            {
                arena[output++] = table[arena[input] + 128];
            }
        }

        /// <summary>A sum or difference of two tensors of the same shape, where the converter has proven that a line gives the rule's bytes.</summary>
        /// <param name="arena">Gets the output.</param>
        /// <param name="left">Holds one operand.</param>
        /// <param name="l">Where it begins.</param>
        /// <param name="right">Holds the other one.</param>
        /// <param name="r">Where it begins.</param>
        /// <param name="output">Where the output begins.</param>
        /// <param name="count">Elements.</param>
        /// <param name="factorL">Of the one.</param>
        /// <param name="factorR">Of the other.</param>
        /// <param name="constant">Added.</param>
        /// <param name="shift">To the right, in the end.</param>
        /// <param name="min">Lower bound.</param>
        /// <param name="max">Upper bound.</param>
        public static void AddOnLine(sbyte[] arena, sbyte[] left, int l, sbyte[] right, int r, int output, int count,
            int factorL, int factorR, int constant, int shift, int min, int max)
        {
            for (int end = output + count; output < end; output++)
            {
                int value = (left[l++] * factorL + right[r++] * factorR + constant) >> shift;
                arena[output] = (sbyte)(value < min ? min : value > max ? max : value);
            }
        }

        /// <summary>
        /// A sum of two tensors, the smaller repeated along its dimensions of 1. What an operand's byte adds to the sum is in its table.
        /// </summary>
        /// <param name="arena">Gets the output.</param>
        /// <param name="left">Holds one operand.</param>
        /// <param name="l">Where it begins.</param>
        /// <param name="sharesL">Entry value + 128 is its share of the sum.</param>
        /// <param name="right">Holds the other one.</param>
        /// <param name="r">Where it begins.</param>
        /// <param name="sharesR">Its shares, their sign changed for a difference.</param>
        /// <param name="output">Where the output begins.</param>
        /// <param name="walk">How both are walked through.</param>
        /// <param name="scale">To the output.</param>
        public static void Add(sbyte[] arena, sbyte[] left, int l, int[] sharesL, sbyte[] right, int r, int[] sharesR, int output,
            BroadcastWalk walk, SumScale scale)
        {
            walk.Begin(l, r);
            for (int end = output + walk.Count; output < end; output++)
            {
                arena[output] = scale.ToInt8(sharesL[left[walk.Left] + 128] + sharesR[right[walk.Right] + 128]);
                walk.Next();
            }
        }

        /// <summary>A product of two tensors, the smaller repeated along its dimensions of 1.</summary>
        /// <param name="arena">Gets the output.</param>
        /// <param name="left">Holds one operand.</param>
        /// <param name="l">Where it begins.</param>
        /// <param name="zeroL">Its zero point.</param>
        /// <param name="right">Holds the other one.</param>
        /// <param name="r">Where it begins.</param>
        /// <param name="zeroR">Its zero point.</param>
        /// <param name="output">Where the output begins.</param>
        /// <param name="walk">How both are walked through.</param>
        /// <param name="scale">To the output.</param>
        public static void Multiply(sbyte[] arena, sbyte[] left, int l, int zeroL, sbyte[] right, int r, int zeroR, int output,
            BroadcastWalk walk, SumScale scale)
        {
            walk.Begin(l, r);
            for (int end = output + walk.Count; output < end; output++)
            {
                arena[output] = scale.ToInt8((left[walk.Left] - zeroL) * (right[walk.Right] - zeroR));
                walk.Next();
            }
        }

        /// <summary>Sums over some dimensions, scaled: a mean.</summary>
        /// <param name="arena">Holds input and output.</param>
        /// <param name="input">Where the input begins.</param>
        /// <param name="output">Where the output begins.</param>
        /// <param name="kept">Sizes of four dimensions, 1 where they are summed over.</param>
        /// <param name="summed">Sizes of four dimensions, 1 where they are kept.</param>
        /// <param name="strides">Elements from one index to the next of each.</param>
        /// <param name="start">What a sum begins with: the zero points taken off.</param>
        /// <param name="scale">To the output.</param>
        public static void Mean(sbyte[] arena, int input, int output, int[] kept, int[] summed, int[] strides, int start, SumScale scale)
        {
            IndexWalk outer = new IndexWalk(kept, strides);
            IndexWalk inner = new IndexWalk(summed, strides);
            outer.Begin(input);
            for (int end = output + outer.Count; output < end; output++)
            {
                int sum = start;
                inner.Begin(outer.At);
                for (int i = inner.Count; i > 0; i--)
                {
                    sum += arena[inner.At];
                    inner.Next();
                }

                arena[output] = scale.ToInt8(sum);
                outer.Next();
            }
        }
    }
}
