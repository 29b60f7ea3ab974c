using System.Globalization;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>
/// What a model's class says otherwise when its weights lie in a slot: it picks one, and what the output means and the golden vector are there too. The
/// input's scale and the preprocessing stay in the code: what a program feeds a network is the same for every training.
/// </summary>
internal sealed class NanoSlotText
{
    private readonly NanoModel _names;
    private readonly NanoSlot _slot;
    private readonly GoldenVector? _golden;
    private readonly int _scaleAt, _hashesAt, _zeroPointAt;

    /// <param name="names">The model.</param>
    /// <param name="slot">Gets the output's scale and the golden vector, which come before all layers.</param>
    public NanoSlotText(NanoModel names, NanoSlot slot)
    {
        (_names, _slot) = (names, slot);
        Model model = names.Model;
        _golden = model.GoldenVectors.Count > 0 ? model.GoldenVectors[0] : null;
        foreach (sbyte value in _golden is null ? [] : _golden.Input.ToArray())
        {
            slot.Add(unchecked((byte)value));
        }

        _hashesAt = slot.Length;
        foreach (uint hash in _golden?.LayerHashes ?? [])
        {
            slot.Add(unchecked((int)hash));
        }

        _scaleAt = slot.Length;
        slot.Add(BitConverter.SingleToInt32Bits(model.Output.Scale));
        _zeroPointAt = slot.AddNumbers(model.Output.ZeroPoint);
    }

    /// <summary>What the output's bytes mean.</summary>
    public string Output => string.Create(CultureInfo.InvariantCulture, $$"""
        public float OutputScale { get { return BitConverter.ToSingle(_weights.Read({{_scaleAt}}, 4), 0); } }
        public int OutputZeroPoint { get { return _weights.Numbers[{{_zeroPointAt}}]; } }
        """);

    /// <summary>The constructor; written last, when all numbers and tables are known.</summary>
    public string Constructor => string.Create(CultureInfo.InvariantCulture, $$"""
        private readonly WeightSource _weights;

        /// <summary>What an image of weights has in its header when it is for this code.</summary>
        public const uint Code = {{SlotCode.Place}};

        /// <summary>The slot that was picked, 0 or 1, and the version of its weights.</summary>
        public readonly int Slot;
        public readonly uint Version;

        /// <summary>Picks a slot: the newest that is whole, undamaged, made for this code, and passes its self-test.</summary>
        /// <param name="slots">Both.</param>
        /// <param name="inRam">Whether all weights are read now and kept, for as many bytes of RAM; else layers read them as they need them.</param>
        /// <exception cref="WeightSlotException">There is none; the message says why of both.</exception>
        public Model(WeightSlots slots, bool inRam)
        {
            SlotChoice choice = new SlotChoice(slots, Code);
            sbyte[] output = new sbyte[OutputLength];
            bool fails;
            do
            {
                Slot = choice.Pick();
                try
                {
                    _weights = new SlotWeights(slots, Slot, choice.Length, {{_slot.Numbers}}, {{_slot.ByteTables}}, {{_slot.WordTables}}, inRam);
                    fails = choice.Fails(SelfTest(output));
                }
                catch (Exception thrown)
                {
                    fails = choice.Fails(thrown);
                }
            }
            while (fails);
            Version = choice.Version;
        }
        """);

    /// <summary>The golden vector and its check, where there is one.</summary>
    public string Test => string.Create(CultureInfo.InvariantCulture, $$"""
        /// <summary>An input with a known answer; null where the model has none.</summary>
        public sbyte[] GoldenInput()
        {
            sbyte[] input = new sbyte[InputLength];
            _weights.CopyTo(0, input, 0, InputLength);
            return input;
        }

        /// <summary>0 where every layer gives the bytes of the PC, else the first layer (from 1) that does not; -1 where there is no golden vector.</summary>
        /// <param name="output">Gets the answer.</param>
        public int SelfTest(sbyte[] output)
        {
            _weights.CopyTo(0, _arena, {{_names.At(_names.Model.InputTensor)}}, InputLength);
            byte[] bytes = _weights.Read({{_hashesAt}}, 4 * Layers);
            uint[] hashes = new uint[Layers];
            for (int i = 0; i < Layers; i++)
            {
                hashes[i] = BitConverter.ToUInt32(bytes, 4 * i);
            }

            int layer = RunLayers(hashes);
            Array.Copy(_arena, {{_names.At(_names.Model.OutputTensor)}}, output, 0, OutputLength);
            return layer;
        }

        """);
}
