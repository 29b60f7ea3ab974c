// The kernels' small stack buffers are always written before they are read.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
