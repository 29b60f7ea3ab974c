/*
 * The camera is set up over SCCB (two pins, driven by hand), its clock is the processor's 16 MHz on PA8. At that the camera counts pixels at
 * 4 MHz, far below the 0.4 of the processor's clock that DCMI allows; about 5 frames a second.
 *
 * Registers: OmniVision's OV7670 datasheet and implementation guide; ST's RM0090 for DCMI and DMA2, whose stream 1, channel 1 is DCMI.
 */
#include "ov7670.h"
#include "board.h"
#include "registers.h"

#define RCC_CFGR REGISTER(0x40023808u)
#define RCC_AHB1ENR REGISTER(0x40023830u)
#define RCC_AHB2ENR REGISTER(0x40023834u)
#define DMA2_LISR REGISTER(0x40026400u)
#define DMA2_LIFCR REGISTER(0x40026408u)
#define DMA2_S1CR REGISTER(0x40026428u)
#define DMA2_S1NDTR REGISTER(0x4002642Cu)
#define DMA2_S1PAR REGISTER(0x40026430u)
#define DMA2_S1M0AR REGISTER(0x40026434u)
#define DCMI_CR REGISTER(0x50050000u)
#define DCMI_DR_ADDRESS 0x50050028u

enum { PORT_A, PORT_B, PORT_C, PORT_D, PORT_E };
#define GPIO(port, offset) REGISTER(0x40020000u + 0x400u * (uint32_t)(port) + (offset))

enum { SIOC = 6, SIOD = 7 /* both of port D */, ACCELEROMETER_SELECT = 3 /* of port E */ };
enum { SCCB_ADDRESS = 0x42, PRODUCT_REGISTER = 0x0A, PRODUCT = 0x76 };
enum { OUTPUT = 1, FUNCTION = 2 };
enum { MCO = 0, DCMI = 13 };

static const uint8_t dcmi_pins[][2] = {
    { PORT_A, 4 }, { PORT_A, 6 }, { PORT_B, 7 },                                     /* HSYNC, PIXCLK, VSYNC */
    { PORT_C, 6 }, { PORT_C, 7 }, { PORT_C, 8 }, { PORT_C, 9 }, { PORT_E, 4 },       /* D0 to D4 */
    { PORT_B, 6 }, { PORT_E, 5 }, { PORT_E, 6 },                                     /* D5 to D7 */
};

/* VGA scaled down by four in both directions, YUYV, brightness and white balance by the camera itself. */
static const uint8_t settings[][2] = {
    { 0x11, 0x01 },   /* clock: 16 MHz / (2 * (1 + 1)) */
    { 0x12, 0x00 },   /* YUV */
    { 0x3A, 0x04 },   /* order: Y U Y V */
    { 0x3D, 0xC0 },   /* order's other bit; gamma */
    { 0x40, 0xC0 },   /* 0 to 255 */
    { 0x0C, 0x04 },   /* scaling on */
    { 0x3E, 0x1A },   /* pixel clock / 4 */
    { 0x70, 0x3A }, { 0x71, 0x35 }, { 0x72, 0x22 }, { 0x73, 0xF2 }, { 0xA2, 0x02 },
    { 0x17, 0x16 }, { 0x18, 0x04 }, { 0x32, 0xA4 },   /* 640 columns */
    { 0x19, 0x02 }, { 0x1A, 0x7A }, { 0x03, 0x0A },   /* 480 rows */
};

static void pin(int32_t port, uint32_t number, uint32_t mode, uint32_t function)
{
    const uint32_t half = number >> 3, at = (number & 7u) * 4u;
    GPIO(port, 0x20u + 4u * half) = (GPIO(port, 0x20u + 4u * half) & ~(15u << at)) | function << at;
    GPIO(port, 0x08u) |= 2u << (2u * number);   /* fast edges */
    GPIO(port, 0x00u) = (GPIO(port, 0x00u) & ~(3u << (2u * number))) | mode << (2u * number);
}

/* ---- SCCB: about 20 kHz, open drains ---- */

static void pause_sccb(void)
{
    volatile int32_t i;
    for (i = 0; i < 40; i++) {
    }
}

static void set_sccb(uint32_t which, uint32_t level)
{
    GPIO(PORT_D, 0x18u) = 1u << (which + (level != 0u ? 0u : 16u));
    pause_sccb();
}

static void start_sccb(void)
{
    set_sccb(SIOD, 1);
    set_sccb(SIOC, 1);
    set_sccb(SIOD, 0);
    set_sccb(SIOC, 0);
}

static void stop_sccb(void)
{
    set_sccb(SIOD, 0);
    set_sccb(SIOC, 1);
    set_sccb(SIOD, 1);
}

/* Eight bits and the ninth, which SCCB does not care about: sends 1s to let the camera speak. */
static uint8_t byte_sccb(uint8_t byte)
{
    uint32_t read = 0, i;
    for (i = 0; i < 9u; i++) {
        set_sccb(SIOD, i < 8u ? (uint32_t)byte >> (7u - i) & 1u : 1u);
        set_sccb(SIOC, 1);
        read = i < 8u ? read << 1 | (GPIO(PORT_D, 0x10u) >> SIOD & 1u) : read;
        set_sccb(SIOC, 0);
    }
    return (uint8_t)read;
}

static void write_register(uint8_t which, uint8_t value)
{
    start_sccb();
    byte_sccb(SCCB_ADDRESS);
    byte_sccb(which);
    byte_sccb(value);
    stop_sccb();
}

static uint8_t read_register(uint8_t which)
{
    uint8_t value;
    start_sccb();
    byte_sccb(SCCB_ADDRESS);
    byte_sccb(which);
    stop_sccb();
    start_sccb();
    byte_sccb(SCCB_ADDRESS | 1);
    value = byte_sccb(0xFF);
    stop_sccb();
    return value;
}

int32_t ov7670_init(void)
{
    uint32_t i;
    RCC_AHB1ENR |= 0x1Fu | 1u << 22;   /* ports A to E, DMA2 */
    RCC_AHB2ENR |= 1u;                 /* DCMI */
    (void)RCC_AHB2ENR;
    RCC_CFGR &= ~(3u << 21 | 7u << 24);   /* MCO1: the internal 16 MHz, undivided */
    pin(PORT_A, 8, FUNCTION, MCO);
    GPIO(PORT_E, 0x18u) = 1u << ACCELEROMETER_SELECT;   /* not selected, it leaves PA6 alone */
    pin(PORT_E, ACCELEROMETER_SELECT, OUTPUT, 0);
    GPIO(PORT_D, 0x18u) = 1u << SIOC | 1u << SIOD;
    GPIO(PORT_D, 0x04u) |= 1u << SIOC | 1u << SIOD;
    GPIO(PORT_D, 0x0Cu) |= 1u << (2 * SIOC) | 1u << (2 * SIOD);   /* pulled up */
    pin(PORT_D, SIOC, OUTPUT, 0);
    pin(PORT_D, SIOD, OUTPUT, 0);
    for (i = 0; i < sizeof dcmi_pins / sizeof dcmi_pins[0]; i++) {
        pin(dcmi_pins[i][0], dcmi_pins[i][1], FUNCTION, DCMI);
    }
    board_wait(10);
    if (read_register(PRODUCT_REGISTER) != PRODUCT) {
        return -1;
    }
    write_register(0x12, 0x80);   /* reset */
    board_wait(10);
    for (i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        write_register(settings[i][0], settings[i][1]);
        board_wait(1);
    }
    board_wait(500);   /* until it has found its brightness */
    return 0;
}

int32_t ov7670_capture(uint8_t *frame)
{
    uint32_t wait = 2000000;
    DMA2_S1CR = 0;
    while ((DMA2_S1CR & 1u) != 0u) {
    }
    DMA2_LIFCR = 0x3Du << 6;
    DMA2_S1PAR = DCMI_DR_ADDRESS;
    DMA2_S1M0AR = (uint32_t)(uintptr_t)frame;
    DMA2_S1NDTR = OV7670_ROW_BYTES * OV7670_HEIGHT / 4;
    DMA2_S1CR = 1u << 25 | 2u << 16 | 2u << 13 | 2u << 11 | 1u << 10 | 1u;   /* channel 1, words, memory counts up, on */
    DCMI_CR = 1u << 14 | 1u << 7 | 1u << 5 | 1u << 1;   /* on; VSYNC is high between frames; rising edges; one frame */
    DCMI_CR |= 1u;
    while ((DMA2_LISR & 1u << 11) == 0u && --wait > 0u) {
    }
    DCMI_CR = 0;
    DMA2_S1CR = 0;
    return wait > 0u ? 0 : -1;
}
