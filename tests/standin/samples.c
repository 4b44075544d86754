/* Samples at their pace, and the faults of a dongle that is being read. */
#include "standin.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connects to what serves rtl_tcp at a port of this machine, and passes its header over. */
static FILE *listen_to(int port)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int line = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint8_t header[12];
	FILE *file;

	if (line < 0)
		return NULL;
	if (connect(line, (struct sockaddr *)&where, sizeof(where)) < 0 || !(file = fdopen(line, "rb"))) {
		close(line);
		return NULL;
	}
	if (fread(header, sizeof(header), 1, file) != 1) {
		fclose(file);
		return NULL;
	}
	return file;
}

/* Fills a buffer from the file; returns 0 at its end where it is not looped. */
static int hear(rtlsdr_dev_t *dev, uint8_t *buf, uint32_t len)
{
	uint32_t got = 0;
	int again = 0, port = 0;

	if (!dev->iq && sscanf(dev->wish.iq, "tcp:%d", &port) == 1)
		dev->iq = listen_to(port);
	else if (!dev->iq && dev->wish.iq[0])
		dev->iq = fopen(dev->wish.iq, "rb");
	while (dev->iq && got < len) {
		size_t part = fread(buf + got, 1, len - got, dev->iq);
		got += part;
		if (part == 0 && (!dev->wish.loop || again++))
			break;
		if (got < len && dev->wish.loop)
			rewind(dev->iq);
	}
	memset(buf + got, 127, len - got);
	return got == len || (!dev->iq && !port) || dev->wish.loop;
}

/* Fills a buffer; returns 0 at the end. Garbage takes as long as what it stands for. */
static int fill(rtlsdr_dev_t *dev, uint8_t *buf, uint32_t len)
{
	uint32_t got;
	int more;

	if (dev->testmode) {
		for (got = 0; got < len; got++)
			buf[got] = dev->counter++;
		return 1;
	}
	more = hear(dev, buf, len);
	for (got = 0; got < len && is_faulty(dev, "garbage"); got++)
		buf[got] = (uint8_t)rand();
	return more;
}

static void skip(rtlsdr_dev_t *dev, long long samples)
{
	uint8_t waste[2048];
	dev->scheduled += samples;
	dev->lost += samples;
	for (; samples > 0; samples -= 1024)
		fill(dev, waste, 2 * (samples < 1024 ? samples : 1024));
}

/* Keeps the pace: how many seconds until so many samples are there. */
static double early(rtlsdr_dev_t *dev, long long samples)
{
	double pace = dev->rate * dev->wish.speed * (1 + dev->wish.skew_ppm * 1e-6);
	double late;

	if (pace <= 0)
		return 0;
	if (!dev->start) {
		dev->start = now();
		dev->scheduled = 0;
	}
	late = now() - dev->start - (dev->scheduled + samples) / pace;
	/* What does not fit in the buffers that wait in the kernel is lost. */
	if (late > dev->buffers * samples / pace)
		skip(dev, (long long)((late - dev->buffers * samples / pace) * pace));
	return -late;
}

static int at_the_end(rtlsdr_dev_t *dev)
{
	dev->wish.plugged = 0;
	if (!strcmp(dev->wish.end, "terminate")) {
		rest(0.5); /* for what was sent to be used */
		kill(getpid(), SIGTERM);
		while (!dev->cancel)
			rest(0.01);
		return CANCELLED;
	}
	while (!strcmp(dev->wish.end, "stall") && !dev->cancel)
		rest(0.05);
	if (dev->cancel)
		return CANCELLED;
	return dev->wish.unplug_code ? dev->wish.unplug_code : NO_DEVICE;
}

/* Waits for a buffer of samples. 0, CANCELLED, or the code that a dongle that is gone gives. */
static int take(rtlsdr_dev_t *dev, uint8_t *buf, uint32_t len, int gone)
{
	double seconds;

	for (;;) {
		look(dev);
		if (!dev->wish.plugged)
			return dev->wish.unplug_code ? dev->wish.unplug_code : gone;
		if (is_faulty(dev, "crash"))
			raise(SIGSEGV);
		if (dev->cancel && !is_faulty(dev, "deaf"))
			return CANCELLED;
		if (is_faulty(dev, "stall") || (is_faulty(dev, "deaf") && dev->cancel)) {
			rest(1); /* as long as librtlsdr waits for USB before it looks for a cancel */
			dev->start = 0;
			continue;
		}
		if (dev->wish.drop > dev->dropped) {
			skip(dev, dev->wish.drop - dev->dropped);
			dev->dropped = dev->wish.drop;
		}
		seconds = early(dev, len / 2);
		if (seconds <= 0)
			break;
		rest(seconds < 0.01 ? seconds : 0.01);
	}
	if (!fill(dev, buf, len))
		return at_the_end(dev);
	dev->scheduled += len / 2;
	dev->sent += len / 2;
	if (now() - dev->reported > 0.2)
		report(dev, 1);
	return 0;
}

static uint32_t shortened(rtlsdr_dev_t *dev, uint32_t len)
{
	return is_faulty(dev, "short") ? (uint32_t)(rand() % len) : len;
}

API int rtlsdr_reset_buffer(rtlsdr_dev_t *dev)
{
	if (!dev)
		return -1;
	note(dev->port, "reset_buffer");
	dev->start = 0;
	return 0; /* also where the dongle is gone, as the real one */
}

API int rtlsdr_read_sync(rtlsdr_dev_t *dev, void *buf, int len, int *n_read)
{
	int result;

	if (!dev)
		return -1;
	dev->buffers = 1;
	result = take(dev, buf, len, NO_DEVICE);
	*n_read = result ? 0 : (int)shortened(dev, len);
	return result == CANCELLED ? IO : result;
}

API int rtlsdr_read_async(rtlsdr_dev_t *dev, rtlsdr_read_async_cb_t cb, void *ctx, uint32_t buf_num, uint32_t buf_len)
{
	uint8_t *buf;
	int result;

	if (!dev)
		return -1;
	if (dev->status != INACTIVE)
		return -2;
	if (!buf_len || buf_len % 512)
		buf_len = DEFAULT_LENGTH;
	dev->buffers = buf_num ? buf_num : DEFAULT_BUFFERS;
	dev->cancel = 0;
	dev->status = RUNNING;
	note(dev->port, "read_async %u", buf_len);
	buf = malloc(buf_len);
	while (!(result = take(dev, buf, buf_len, NOT_FOUND)))
		cb(buf, shortened(dev, buf_len), ctx);
	free(buf);
	if (result != CANCELLED) {
		dev->lost_device = 1;
		fprintf(stderr, "stand-in: the dongle is gone, canceling\n");
	}
	note(dev->port, "read_async ended %d", result);
	report(dev, 1);
	dev->status = INACTIVE;
	return result == CANCELLED ? 0 : result;
}

API int rtlsdr_wait_async(rtlsdr_dev_t *dev, rtlsdr_read_async_cb_t cb, void *ctx)
{
	return rtlsdr_read_async(dev, cb, ctx, 0, 0);
}

API int rtlsdr_cancel_async(rtlsdr_dev_t *dev)
{
	if (!dev)
		return -1;
	if (dev->status != RUNNING)
		return -2;
	dev->status = CANCELING;
	dev->cancel = 1;
	return 0;
}
