/* As much of nanoFramework's runtime as generated native methods use, for compiling and running them in tests. Ours, not the runtime's text. */
#ifndef NANOCLR_INTEROP_H
#define NANOCLR_INTEROP_H

#include <cstddef>
#include <cstdint>

typedef int32_t HRESULT;
const HRESULT S_OK = 0, CLR_E_NULL_REFERENCE = -1, CLR_E_INVALID_PARAMETER = -2;

struct CLR_RT_HeapBlock_Array
{
    uint32_t m_numOfElements;
    uint8_t *elements;
    uint8_t *GetFirstElement() { return elements; }
};

struct CLR_RT_HeapBlock
{
    CLR_RT_HeapBlock_Array *array;
    CLR_RT_HeapBlock_Array *DereferenceArray() const { return array; }
};

struct CLR_RT_StackFrame
{
    CLR_RT_HeapBlock arguments[2];
    int32_t result;
    CLR_RT_HeapBlock &Arg0() { return arguments[0]; }
    CLR_RT_HeapBlock &Arg1() { return arguments[1]; }
    void SetResult_I4(int32_t value) { result = value; }
};

typedef HRESULT (*CLR_RT_MethodHandler)(CLR_RT_StackFrame &stack);

struct CLR_RECORD_VERSION
{
    uint16_t iMajorVersion, iMinorVersion, iBuildNumber, iRevisionNumber;
};

struct CLR_RT_NativeAssemblyData
{
    const char *m_szAssemblyName;
    unsigned int m_checkSum;
    const void *m_pNativeMethods;
    CLR_RECORD_VERSION m_Version;
};

#endif
