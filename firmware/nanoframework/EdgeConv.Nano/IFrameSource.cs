namespace EdgeConv.Nano
{
    /// <summary>Pictures one after another: a camera, a sensor, a serial port.</summary>
    public interface IFrameSource
    {
        /// <summary>The newest frame, once <see cref="TryRead"/> was true; the next one is read into the same memory.</summary>
        Picture Picture { get; }

        /// <summary>Why the last <see cref="TryRead"/> was false; null after one that was true.</summary>
        string Problem { get; }

        /// <summary>Reads the next frame. False where the bus fails or the frame is damaged; the next call begins anew.</summary>
        bool TryRead();
    }
}
