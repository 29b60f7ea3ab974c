namespace EdgeConv.Nano
{
    /// <summary>Poolings of one image, NHWC, as QUANTIZATION.md defines them.</summary>
    public sealed class Pools
    {
        private readonly int _height, _width, _channels, _kernelH, _kernelW, _strideH, _strideW, _dilationH, _dilationW, _padTop, _padLeft;

        /// <param name="height">The image's rows.</param>
        /// <param name="width">Its columns.</param>
        /// <param name="channels">Its channels.</param>
        /// <param name="kernelH">Rows of a window.</param>
        /// <param name="kernelW">Columns of a window.</param>
        /// <param name="strideH">Rows from one window to the next.</param>
        /// <param name="strideW">Columns from one window to the next.</param>
        /// <param name="dilationH">Rows from one value of a window to the next.</param>
        /// <param name="dilationW">Columns from one to the next.</param>
        /// <param name="padTop">Rows of padding above.</param>
        /// <param name="padLeft">Columns of padding to the left.</param>
        public Pools(int height, int width, int channels, int kernelH, int kernelW, int strideH, int strideW, int dilationH, int dilationW,
            int padTop, int padLeft)
        {
            _height = height;
            _width = width;
            _channels = channels;
            _kernelH = kernelH;
            _kernelW = kernelW;
            _strideH = strideH;
            _strideW = strideW;
            _dilationH = dilationH;
            _dilationW = dilationW;
            _padTop = padTop;
            _padLeft = padLeft;
        }

        /// <summary>The largest value of each window, clamped.</summary>
        /// <param name="arena">Holds image and output.</param>
        /// <param name="image">Where the image begins.</param>
        /// <param name="output">Where the output begins.</param>
        /// <param name="rows">Of the output.</param>
        /// <param name="columns">Of the output.</param>
        /// <param name="min">Lower bound.</param>
        /// <param name="max">Upper bound.</param>
        public void Max(sbyte[] arena, int image, int output, int rows, int columns, int min, int max)
        {
            int channels = _channels, line = _width * channels, down = _dilationH, across = _dilationW, step = across * channels;
            for (int y = 0; y < rows; y++)
            {
                int top = First(y * _strideH - _padTop, down), bottom = Last(y * _strideH - _padTop + _kernelH * down, _height);
                for (int x = 0; x < columns; x++)
                {
                    int left = First(x * _strideW - _padLeft, across), right = Last(x * _strideW - _padLeft + _kernelW * across, _width);
                    for (int c = 0; c < channels; c++)
                    {
                        int best = min;
                        for (int row = top; row < bottom; row += down)
                        {
                            int end = image + row * line + right * channels + c;
                            for (int i = image + row * line + left * channels + c; i < end; i += step)
                            {
                                int value = arena[i];
                                if (value > best)
                                {
                                    best = value;
                                }
                            }
                        }

                        arena[output++] = (sbyte)(best > max ? max : best);
                    }
                }
            }
        }

        /// <summary>The mean of each window's values that lie in the image, halves away from zero, clamped.</summary>
        /// <param name="arena">Holds image and output.</param>
        /// <param name="image">Where the image begins.</param>
        /// <param name="output">Where the output begins.</param>
        /// <param name="rows">Of the output.</param>
        /// <param name="columns">Of the output.</param>
        /// <param name="min">Lower bound.</param>
        /// <param name="max">Upper bound.</param>
        public void Mean(sbyte[] arena, int image, int output, int rows, int columns, int min, int max)
        {
            int channels = _channels, line = _width * channels, down = _dilationH, across = _dilationW, step = across * channels;
            for (int y = 0; y < rows; y++)
            {
                int top = First(y * _strideH - _padTop, down), bottom = Last(y * _strideH - _padTop + _kernelH * down, _height);
                for (int x = 0; x < columns; x++)
                {
                    int left = First(x * _strideW - _padLeft, across), right = Last(x * _strideW - _padLeft + _kernelW * across, _width);
                    int count = (bottom - top + down - 1) / down * ((right - left + across - 1) / across), half = count / 2;
                    for (int c = 0; c < channels; c++)
                    {
                        int sum = 0;
                        for (int row = top; row < bottom; row += down)
                        {
                            int end = image + row * line + right * channels + c;
                            for (int i = image + row * line + left * channels + c; i < end; i += step)
                            {
                                sum += arena[i];
                            }
                        }

                        int value = (sum > 0 ? sum + half : sum - half) / count;
                        arena[output++] = (sbyte)(value < min ? min : value > max ? max : value);
                    }
                }
            }
        }

        private static int First(int at, int dilation)
        {
            while (at < 0)
            {
                at += dilation;
            }

            return at;
        }

        private static int Last(int at, int size)
        {
            return at > size ? size : at;
        }
    }
}
