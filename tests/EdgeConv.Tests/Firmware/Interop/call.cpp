// Calls the native methods of an assembly as the runtime does, by their places in its table, on each input of standard input.
#include "nanoCLR_Interop.h"

#include <cstdio>
#include <vector>

extern const CLR_RT_NativeAssemblyData ASSEMBLY;

int main()
{
    const CLR_RT_MethodHandler *methods = static_cast<const CLR_RT_MethodHandler *>(ASSEMBLY.m_pNativeMethods);
    std::vector<uint8_t> input(INPUT_BYTES), output(OUTPUT_BYTES);
    CLR_RT_HeapBlock_Array in = {INPUT_ELEMENTS, input.data()}, out = {OUTPUT_ELEMENTS, output.data()}, shorter = {INPUT_ELEMENTS - 1, input.data()};
    CLR_RT_StackFrame stack = {};

    // What a wrong call must give, before any right one.
    stack.arguments[0].array = &in;
    if (methods[0](stack) != CLR_E_NULL_REFERENCE)
    {
        return 2;
    }

    stack.arguments[0].array = &shorter;
    stack.arguments[1].array = &out;
    if (methods[0](stack) != CLR_E_INVALID_PARAMETER)
    {
        return 3;
    }

    stack.arguments[0].array = &in;
    while (std::fread(input.data(), 1, input.size(), stdin) == input.size())
    {
        if (methods[0](stack) != S_OK)
        {
            return 4;
        }

        std::fwrite(output.data(), 1, output.size(), stdout);
    }

    if (methods[1](stack) != S_OK)
    {
        return 5;
    }

    std::fprintf(stderr, "%s %08X %d", ASSEMBLY.m_szAssemblyName, ASSEMBLY.m_checkSum, stack.result);
    return 0;
}
