/* Included before model.c, which then tells of every layer's bytes when it is done. */
#include <stdint.h>
#define EDGECONV_TRACE(layer, bytes, length) layer_done(layer, bytes, length)
void layer_done(int32_t layer, const int8_t *bytes, int32_t length);
