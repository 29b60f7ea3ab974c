namespace EdgeConv.Trainer.Training;

/// <summary>What computes a training.</summary>
public enum ComputeDevice
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>A GPU of NVIDIA's.</summary>
    Cuda,
}
