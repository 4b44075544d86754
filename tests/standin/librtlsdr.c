/* A stand-in for librtlsdr: dongles that are files in a folder.
 *
 * Written from the public interface (rtl-sdr.h) and the return codes of
 * librtlsdr 0.6 and 2.0. `RTLSDR_STANDIN` names the folder. In it:
 *   dongle0, dongle1, ...  one a dongle, in the order of their indices: lines
 *                          `key=value`, looked at again every 10 ms
 *   dongleN.state          what was set, and how many samples went out
 *   dongleN.calls          the calls of all processes in order
 *   dongleN.lock           held while the dongle is open, as the kernel would
 * The keys are those of tests/standin/__init__.py, which writes them.
 *
 * -DLIKE_0_6_0 leaves out what Debian 12's library does not have.
 */
#include "standin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const int GAINS[] = {0, 9, 14, 27, 37, 77, 87, 125, 144, 157, 166, 197, 207, 229, 254,
	280, 297, 328, 338, 364, 372, 386, 402, 421, 434, 439, 445, 480, 496};

API uint32_t rtlsdr_get_device_count(void)
{
	return count_plugged();
}

API const char *rtlsdr_get_device_name(uint32_t index)
{
	struct wish w;
	static __thread char name[256];
	if (port_at(index, &w) < 0)
		return "";
	text(name, sizeof(name), w.name[0] ? w.name : "Generic RTL2832U OEM");
	return name;
}

static void strings(const struct wish *w, char *manufacturer, char *product, char *serial)
{
	if (manufacturer)
		strncpy(manufacturer, w->manufacturer, 256);
	if (product)
		strncpy(product, w->product, 256);
	if (serial)
		strncpy(serial, w->serial, 256);
}

API int rtlsdr_get_device_usb_strings(uint32_t index, char *manufacturer, char *product, char *serial)
{
	struct wish w;
	if (port_at(index, &w) < 0)
		return 0; /* as the real one: nothing is filled in */
	if (w.strings_code)
		return w.strings_code;
	strings(&w, manufacturer, product, serial);
	return 0;
}

API int rtlsdr_get_index_by_serial(const char *serial)
{
	char found[256];
	uint32_t count = rtlsdr_get_device_count();

	if (!serial)
		return -1;
	if (!count)
		return -2;
	for (uint32_t index = 0; index < count; index++)
		if (!rtlsdr_get_device_usb_strings(index, NULL, NULL, found) && !strcmp(found, serial))
			return index;
	return -3;
}

API int rtlsdr_get_usb_strings(rtlsdr_dev_t *dev, char *manufacturer, char *product, char *serial)
{
	if (!dev)
		return -1;
	strings(&dev->wish, manufacturer, product, serial);
	if (serial && dev->wish.opened_serial[0])
		strncpy(serial, dev->wish.opened_serial, 256);
	return 0;
}

static void hang_while(rtlsdr_dev_t *dev, const char *fault)
{
	for (look(dev); is_faulty(dev, fault); look(dev))
		rest(0.05);
}

static int claim(int port)
{
	char path[1200];
	int lock;

	path_of(path, sizeof(path), port, ".lock");
	lock = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0) {
		close(lock);
		return BUSY;
	}
	return lock;
}

API int rtlsdr_open(rtlsdr_dev_t **out, uint32_t index)
{
	struct wish w;
	int port = port_at(index, &w);
	rtlsdr_dev_t *dev;

	if (port < 0)
		return -1;
	note(port, "open");
	if (w.open_code) {
		fprintf(stderr, "stand-in: open error %d\n", w.open_code);
		return w.open_code;
	}
	dev = calloc(1, sizeof(*dev));
	dev->port = port;
	dev->wish = w;
	pthread_mutex_init(&dev->mutex, NULL);
	hang_while(dev, "hang_open");
	if (is_faulty(dev, "crash_open"))
		raise(SIGSEGV);
	dev->lock = claim(port);
	if (dev->lock < 0) {
		int code = dev->lock;
		fprintf(stderr, "stand-in: usb_claim_interface error %d\n", code);
		free(dev);
		return code;
	}
	dev->rtl_xtal = dev->tun_xtal = CRYSTAL;
	dev->dithering = 1;
	dev->bias = bias_left_on(port);
	dev->dropped = w.drop;
	report(dev, 1);
	*out = dev;
	return 0;
}

API int rtlsdr_close(rtlsdr_dev_t *dev)
{
	if (!dev)
		return -1;
	note(dev->port, "close");
	hang_while(dev, "hang_close");
	while (!dev->lost_device && dev->status != INACTIVE)
		rest(0.001);
	report(dev, 0);
	if (dev->iq)
		fclose(dev->iq);
	close(dev->lock);
	free(dev);
	return 0;
}

/* Notes what is set; -1 where the dongle is gone, as when no register can be written. */
static int set(rtlsdr_dev_t *dev, const char *name, long value)
{
	if (!dev)
		return -1;
	note(dev->port, "%s %ld", name, value);
	look(dev);
	return dev->wish.plugged ? 0 : -1;
}

#define SETTER(function, type, field)                                    \
	API int rtlsdr_##function(rtlsdr_dev_t *dev, type value)         \
	{                                                                \
		if (set(dev, #function, (long)value))                    \
			return -1;                                       \
		dev->field = value;                                      \
		report(dev, 1);                                          \
		return 0;                                                \
	}

SETTER(set_center_freq, uint32_t, freq)
SETTER(set_tuner_bandwidth, uint32_t, bandwidth)
SETTER(set_tuner_gain_mode, int, manual)
SETTER(set_agc_mode, int, agc)
SETTER(set_testmode, int, testmode)
SETTER(set_direct_sampling, int, direct)
SETTER(set_bias_tee, int, bias)

API int rtlsdr_set_bias_tee_gpio(rtlsdr_dev_t *dev, int gpio, int on)
{
	return gpio ? set(dev, "set_bias_tee_gpio", gpio) : rtlsdr_set_bias_tee(dev, on);
}

API int rtlsdr_set_freq_correction(rtlsdr_dev_t *dev, int ppm)
{
	if (set(dev, "set_freq_correction", ppm))
		return -1;
	if (dev->ppm == ppm)
		return -2;
	dev->ppm = ppm;
	report(dev, 1);
	return 0;
}

API int rtlsdr_set_tuner_gain(rtlsdr_dev_t *dev, int gain)
{
	if (set(dev, "set_tuner_gain", gain))
		return -1;
	dev->gain = gain;
	report(dev, 1);
	return 0;
}

/* The resampler's limits, and the rate that its ratio gives: 28 bits, the top one doubled. */
API int rtlsdr_set_sample_rate(rtlsdr_dev_t *dev, uint32_t rate)
{
	uint32_t ratio;

	if (set(dev, "set_sample_rate", rate))
		return -1;
	if (rate <= 225000 || rate > 3200000 || (rate > 300000 && rate <= 900000)) {
		fprintf(stderr, "stand-in: invalid sample rate: %u Hz\n", rate);
		return -EINVAL;
	}
	ratio = (uint32_t)(CRYSTAL * 4194304.0 / rate) & 0x0ffffffc;
	ratio |= (ratio & 0x08000000) << 1;
	dev->rate = (uint32_t)(CRYSTAL * 4194304.0 / ratio);
	dev->start = 0;
	report(dev, 1);
	return 0;
}

API int rtlsdr_set_xtal_freq(rtlsdr_dev_t *dev, uint32_t rtl, uint32_t tuner)
{
	if (set(dev, "set_xtal_freq", rtl))
		return -1;
	dev->rtl_xtal = rtl ? rtl : dev->rtl_xtal;
	dev->tun_xtal = tuner ? tuner : dev->rtl_xtal;
	return 0;
}

API int rtlsdr_get_xtal_freq(rtlsdr_dev_t *dev, uint32_t *rtl, uint32_t *tuner)
{
	if (!dev)
		return -1;
	if (rtl)
		*rtl = dev->rtl_xtal;
	if (tuner)
		*tuner = dev->tun_xtal;
	return 0;
}

API int rtlsdr_set_tuner_if_gain(rtlsdr_dev_t *dev, int stage, int gain)
{
	(void)gain;
	return set(dev, "set_tuner_if_gain", stage);
}

API int rtlsdr_set_offset_tuning(rtlsdr_dev_t *dev, int on)
{
	int result = set(dev, "set_offset_tuning", on);
	return result ? result : -2; /* not for an R820T */
}

API uint32_t rtlsdr_get_center_freq(rtlsdr_dev_t *dev) { return dev ? dev->freq : 0; }
API uint32_t rtlsdr_get_sample_rate(rtlsdr_dev_t *dev) { return dev ? dev->rate : 0; }
API int rtlsdr_get_freq_correction(rtlsdr_dev_t *dev) { return dev ? dev->ppm : 0; }
API int rtlsdr_get_tuner_type(rtlsdr_dev_t *dev) { return dev ? dev->wish.tuner : 0; }
API int rtlsdr_get_tuner_gain(rtlsdr_dev_t *dev) { return dev ? dev->gain : 0; }
API int rtlsdr_get_direct_sampling(rtlsdr_dev_t *dev) { return dev ? dev->direct : -1; }
API int rtlsdr_get_offset_tuning(rtlsdr_dev_t *dev) { return dev ? 0 : -1; }

API int rtlsdr_get_tuner_gains(rtlsdr_dev_t *dev, int *gains)
{
	int count = sizeof(GAINS) / sizeof(int);
	if (!dev)
		return -1;
	if (dev->wish.tuner != 5)
		count = 0;
	if (gains)
		memcpy(gains, GAINS, count * sizeof(int));
	return count;
}

API int rtlsdr_read_eeprom(rtlsdr_dev_t *dev, uint8_t *data, uint8_t offset, uint16_t len)
{
	(void)data, (void)offset, (void)len;
	return dev ? -3 : -1;
}

API int rtlsdr_write_eeprom(rtlsdr_dev_t *dev, uint8_t *data, uint8_t offset, uint16_t len)
{
	(void)data, (void)offset, (void)len;
	return dev ? -3 : -1;
}

#ifndef LIKE_0_6_0
SETTER(set_dithering, int, dithering)

API int rtlsdr_set_and_get_tuner_bandwidth(rtlsdr_dev_t *dev, uint32_t bw, uint32_t *applied, int apply)
{
	*applied = bw;
	return apply ? rtlsdr_set_tuner_bandwidth(dev, bw) : 0;
}

API int rtlsdr_set_gpio_output(rtlsdr_dev_t *dev, uint8_t gpio) { return set(dev, "set_gpio_output", gpio); }
API int rtlsdr_set_gpio_input(rtlsdr_dev_t *dev, uint8_t gpio) { return set(dev, "set_gpio_input", gpio); }
API int rtlsdr_set_gpio_bit(rtlsdr_dev_t *dev, uint8_t gpio, int on) { (void)on; return set(dev, "set_gpio_bit", gpio); }
API int rtlsdr_get_gpio_bit(rtlsdr_dev_t *dev, uint8_t gpio, int *on) { (void)gpio; *on = 0; return dev ? 0 : -1; }
API int rtlsdr_set_gpio_byte(rtlsdr_dev_t *dev, int byte) { return set(dev, "set_gpio_byte", byte); }
API int rtlsdr_get_gpio_byte(rtlsdr_dev_t *dev, int *byte) { *byte = 0; return dev ? 0 : -1; }
API int rtlsdr_set_gpio_status(rtlsdr_dev_t *dev, int *status) { *status = 0; return dev ? 0 : -1; }
#endif
