using System;

namespace EdgeConv.Nano
{
    /// <summary>Picks a slot: of those that are whole and made for this program the newest, and where that fails its self-test the other one.</summary>
    public sealed class SlotChoice
    {
        private readonly SlotCheck[] _checks = new SlotCheck[2];
        private readonly string[] _problems = new string[2];
        private int _picked;

        /// <param name="slots">Both.</param>
        /// <param name="code">Identity of this program.</param>
        public SlotChoice(WeightSlots slots, uint code)
        {
            for (int slot = 0; slot < 2; slot++)
            {
                _checks[slot] = new SlotCheck(slots, slot, code);
                _problems[slot] = _checks[slot].HeaderProblem;
            }
        }

        /// <summary>Version of the slot that was picked.</summary>
        public uint Version
        {
            get { return _checks[_picked].Header.Version; }
        }

        /// <summary>Bytes of its image.</summary>
        public int Length
        {
            get { return _checks[_picked].Header.Length; }
        }

        /// <summary>Picks: of two of the same version the first.</summary>
        /// <exception cref="WeightSlotException">None is left; the message says why of both.</exception>
        public int Pick()
        {
            do
            {
                if (_problems[0] != null && _problems[1] != null)
                {
                    throw new WeightSlotException("no slot has weights for this program: slot 0 " + _problems[0] + "; slot 1 " + _problems[1]);
                }

                bool second = _problems[0] != null || (_problems[1] == null && _checks[1].Header.Version > _checks[0].Header.Version);
                _picked = second ? 1 : 0;
                // Its tables; those of the other one are read only where this one fails.
                _problems[_picked] = _checks[_picked].Problem;
            }
            while (_problems[_picked] != null);
            return _picked;
        }

        /// <summary>Whether the picked slot fails; then it is not picked again.</summary>
        /// <param name="layer">What the self-test says: the first layer that is wrong.</param>
        public bool Fails(int layer)
        {
            if (layer > 0)
            {
                _problems[_picked] = "fails its self-test at layer " + layer.ToString();
            }

            return layer > 0;
        }

        /// <summary>The picked slot fails, since its tables lead astray what reads them; it is not picked again.</summary>
        /// <param name="thrown">What the self-test threw.</param>
        /// <returns>That it fails.</returns>
        public bool Fails(Exception thrown)
        {
            _problems[_picked] = "fails its self-test: " + thrown.Message;
            return true;
        }
    }
}
