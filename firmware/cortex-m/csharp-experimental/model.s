/* The model file, where flash is; MODEL_FILE is set by build.sh. */
    .section .rodata.model, "a"
    .balign 16
    .global model_file
model_file:
    .incbin MODEL_FILE
