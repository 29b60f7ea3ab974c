namespace EdgeConv.Cli.Microcontrollers;

/// <summary>The program that feeds a network's layers to CMSIS-NN one by one: the reference's bytes in, its bytes and SysTick's ticks out.</summary>
internal static class CmsisNnHarness
{
    // Scratch memory that a layer may ask for; the smallest board has 512 KB for it and two activations.
    private const int ScratchBytes = 128 * 1024;

    /// <summary>One source file.</summary>
    public static string Write(IReadOnlyList<CmsisNnCall> calls) => $$"""
        #include "semihosting.h"
        #include "arm_nnfunctions.h"

        #define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
        #define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
        #define SYST_CVR (*(volatile uint32_t *)0xE000E018u)

        static int32_t scratch[{{ScratchBytes / sizeof(int)}}];
        static cmsis_nn_context context;
        static int8_t inputs[{{calls.Max(call => call.InputBytes)}}] __attribute__((aligned(8)));
        static int8_t output[{{calls.Max(call => call.OutputBytes)}}] __attribute__((aligned(8)));
        static const int8_t *const first = inputs;
        static const int8_t *second;
        static uint32_t ticks;

        static void allow(int32_t bytes)
        {
            context.buf = bytes > 0 && bytes <= (int32_t)sizeof scratch ? scratch : 0;
            context.size = context.buf != 0 ? bytes : 0;
        }

        {{string.Join("\n\n", calls.Select(Function))}}

        static int (*const layers[])(void) = { {{string.Join(", ", calls.Select(call => $"layer_{call.Index}"))}} };
        static const int32_t input_bytes[] = { {{string.Join(", ", calls.Select(call => call.InputBytes))}} };
        static const int32_t second_at[] = { {{string.Join(", ", calls.Select(call => call.SecondAt))}} };
        static const int32_t output_bytes[] = { {{string.Join(", ", calls.Select(call => call.OutputBytes))}} };

        int main(void)
        {
            const int from = host_open("inputs.bin", HOST_READ), to = host_open("outputs.bin", HOST_WRITE);
            SYST_RVR = 0xFFFFFFu;
            SYST_CVR = 0;
            SYST_CSR = 5;
            for (int i = 0; i < {{calls.Count}}; i++) {
                if (host_read(from, inputs, input_bytes[i]) != input_bytes[i]) {
                    return 2;
                }
                second = inputs + second_at[i];
                allow(0);
                if (layers[i]() != 0) {
                    return 10 + i;
                }
                if (host_write(to, output, output_bytes[i]) != output_bytes[i] || host_write(to, &ticks, 4) != 4) {
                    return 3;
                }
            }
            return 0;
        }

        """;

    private static string Function(CmsisNnCall call) => $$"""
        static int layer_{{call.Index}}(void)
        {
        {{call.Tables}}
            uint32_t started;
            int status;
            {{call.Prepare}}
            started = SYST_CVR;
            status = {{call.Call}};
            ticks = (started - SYST_CVR) & 0xFFFFFFu;
            return status;
        }
        """;
}
