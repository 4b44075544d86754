/* What the parts of the stand-in share. */
#ifndef STANDIN_H
#define STANDIN_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

#define API __attribute__((visibility("default")))

enum {
	IO = -1,          /* LIBUSB_ERROR_IO; librtlsdr's own "it failed" too */
	NO_DEVICE = -4,   /* LIBUSB_ERROR_NO_DEVICE */
	NOT_FOUND = -5,   /* LIBUSB_ERROR_NOT_FOUND: a transfer that is gone */
	BUSY = -6,        /* LIBUSB_ERROR_BUSY */
	CANCELLED = 1,    /* ours: read_async was told to end */
	MAX_DONGLES = 16,
	DEFAULT_BUFFERS = 15,
	DEFAULT_LENGTH = 16 * 32 * 512,
	CRYSTAL = 28800000,
};

enum status { INACTIVE, CANCELING, RUNNING };

/* What a file dongleN says. */
struct wish {
	char serial[256], opened_serial[256], manufacturer[256], product[256], name[256], iq[1024];
	char fault[32], end[32];
	int plugged, tuner, open_code, strings_code, unplug_code, loop;
	double speed, skew_ppm;
	long long drop;
};

typedef struct rtlsdr_dev {
	int port, lock;
	uint32_t rate, freq, bandwidth, rtl_xtal, tun_xtal;
	int ppm, gain, manual, agc, bias, direct, testmode, dithering, offset;
	volatile enum status status;
	volatile int cancel, lost_device;
	uint32_t buffers;
	FILE *iq;
	double looked, reported, start;   /* seconds, monotonic */
	long long scheduled, sent, lost, dropped;
	uint8_t counter;
	struct wish wish;
	pthread_mutex_t mutex;
} rtlsdr_dev_t;

typedef void (*rtlsdr_read_async_cb_t)(unsigned char *buf, uint32_t len, void *ctx);

/* files.c */
double now(void);
void rest(double seconds);
void path_of(char *path, size_t size, int port, const char *suffix);
void text(char *to, size_t size, const char *from);
int port_at(uint32_t index, struct wish *w); /* the Nth of those plugged in, or -1 */
uint32_t count_plugged(void);
void note(int port, const char *format, ...);
void report(rtlsdr_dev_t *dev, int is_open);
int bias_left_on(int port);
void look(rtlsdr_dev_t *dev);
int is_faulty(rtlsdr_dev_t *dev, const char *fault);

#endif
