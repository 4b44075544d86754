/* The folder: what is wished of a dongle, and what is told of it. */
#include "standin.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

void rest(double seconds)
{
	struct timespec t = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
	if (seconds > 0)
		nanosleep(&t, NULL);
}

void path_of(char *path, size_t size, int port, const char *suffix)
{
	const char *folder = getenv("RTLSDR_STANDIN");
	snprintf(path, size, "%s/dongle%d%s", folder ? folder : "/nonexistent", port, suffix);
}

void text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

static int read_wish(int port, struct wish *w)
{
	char path[1200], line[1200], *value;
	FILE *file;

	path_of(path, sizeof(path), port, "");
	file = fopen(path, "r");
	if (!file)
		return 0;
	memset(w, 0, sizeof(*w));
	w->plugged = w->loop = 1;
	w->tuner = 5; /* R820T */
	w->speed = 1;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		value = strchr(line, '=');
		if (!value)
			continue;
		*value++ = 0;
#define IS(key) (!strcmp(line, key))
		if (IS("serial")) text(w->serial, sizeof(w->serial), value);
		else if (IS("opened_serial")) text(w->opened_serial, sizeof(w->opened_serial), value);
		else if (IS("manufacturer")) text(w->manufacturer, sizeof(w->manufacturer), value);
		else if (IS("product")) text(w->product, sizeof(w->product), value);
		else if (IS("name")) text(w->name, sizeof(w->name), value);
		else if (IS("iq")) text(w->iq, sizeof(w->iq), value);
		else if (IS("fault")) text(w->fault, sizeof(w->fault), value);
		else if (IS("end")) text(w->end, sizeof(w->end), value);
		else if (IS("plugged")) w->plugged = atoi(value);
		else if (IS("tuner")) w->tuner = atoi(value);
		else if (IS("open_code")) w->open_code = atoi(value);
		else if (IS("strings_code")) w->strings_code = atoi(value);
		else if (IS("unplug_code")) w->unplug_code = atoi(value);
		else if (IS("loop")) w->loop = atoi(value);
		else if (IS("speed")) w->speed = atof(value);
		else if (IS("skew_ppm")) w->skew_ppm = atof(value);
		else if (IS("drop")) w->drop = atoll(value);
#undef IS
	}
	fclose(file);
	return w->plugged;
}

int port_at(uint32_t index, struct wish *w)
{
	uint32_t seen = 0;
	for (int port = 0; port < MAX_DONGLES; port++)
		if (read_wish(port, w) && seen++ == index)
			return port;
	return -1;
}

uint32_t count_plugged(void)
{
	struct wish w;
	uint32_t count = 0;
	for (int port = 0; port < MAX_DONGLES; port++)
		count += read_wish(port, &w) != 0;
	return count;
}

void note(int port, const char *format, ...)
{
	char path[1200], line[256];
	va_list values;
	int file, length;

	path_of(path, sizeof(path), port, ".calls");
	va_start(values, format);
	length = vsnprintf(line, sizeof(line) - 1, format, values);
	va_end(values);
	line[length++] = '\n';
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (file >= 0 && write(file, line, length) != length)
		perror("stand-in");
	if (file >= 0)
		close(file);
}

void report(rtlsdr_dev_t *dev, int is_open)
{
	char path[1200], part[1200];
	FILE *file;

	pthread_mutex_lock(&dev->mutex);
	path_of(path, sizeof(path), dev->port, ".state");
	path_of(part, sizeof(part), dev->port, ".state.part");
	file = fopen(part, "w");
	if (file) {
		fprintf(file, "open=%d\nsample_rate=%u\ncenter_frequency=%u\nppm=%d\nmanual_gain=%d\n"
			"gain=%d\nagc=%d\nbias_tee=%d\ndirect_sampling=%d\nsamples=%lld\nlost=%lld\n",
			is_open, dev->rate, dev->freq, dev->ppm, dev->manual, dev->gain, dev->agc,
			dev->bias, dev->direct, dev->sent, dev->lost);
		fclose(file);
		rename(part, path);
	}
	dev->reported = now();
	pthread_mutex_unlock(&dev->mutex);
}

/* A bias tee stays as it was when a program ends. */
int bias_left_on(int port)
{
	char path[1200], line[256];
	int bias = 0;
	FILE *file;

	path_of(path, sizeof(path), port, ".state");
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "bias_tee=%d", &bias);
	if (file)
		fclose(file);
	return bias;
}

void look(rtlsdr_dev_t *dev)
{
	if (now() - dev->looked < 0.01)
		return;
	dev->looked = now();
	if (!read_wish(dev->port, &dev->wish))
		dev->wish.plugged = 0;
}

int is_faulty(rtlsdr_dev_t *dev, const char *fault)
{
	return !strcmp(dev->wish.fault, fault);
}
