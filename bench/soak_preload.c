/* A disk that is slow and a clock that is wrong, for a process that has this in LD_PRELOAD.

   SOAK_SLOW names a file that holds how many ms each write of a regular file takes, while
   it is there; a flush takes ten times that. SOAK_CLOCK names a file of eight bytes: the
   ns that the time of day is ahead. Monotonic clocks and sleeps are as they are. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static void rest(int fd, int flush)
{
	static const char *name;
	struct stat status;
	struct timespec wait;
	FILE *file;
	int ms = 0;

	if (!name)
		name = getenv("SOAK_SLOW");
	if (!name || access(name, F_OK))
		return;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode))
		return;
	file = fopen(name, "r");
	if (!file)
		return;
	if (fscanf(file, "%d", &ms) != 1)
		ms = 0;
	fclose(file);
	if (flush)
		ms *= 10;
	wait.tv_sec = ms / 1000;
	wait.tv_nsec = (ms % 1000) * 1000000L;
	nanosleep(&wait, NULL);
}

ssize_t write(int fd, const void *data, size_t size)
{
	static ssize_t (*real)(int, const void *, size_t);
	if (!real)
		real = dlsym(RTLD_NEXT, "write");
	rest(fd, 0);
	return real(fd, data, size);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off64_t);
	if (!real)
		real = dlsym(RTLD_NEXT, "pwrite64");
	rest(fd, 0);
	return real(fd, data, size, at);
}

int fsync(int fd)
{
	static int (*real)(int);
	if (!real)
		real = dlsym(RTLD_NEXT, "fsync");
	rest(fd, 1);
	return real(fd);
}

int fdatasync(int fd)
{
	static int (*real)(int);
	if (!real)
		real = dlsym(RTLD_NEXT, "fdatasync");
	rest(fd, 1);
	return real(fd);
}

static int64_t ahead(void)
{
	static volatile int64_t *shown;
	static int64_t none;
	const char *name;
	void *at;
	int file;

	if (!shown) {
		name = getenv("SOAK_CLOCK");
		file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
		at = file < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, file, 0);
		if (file >= 0)
			close(file);
		shown = at == MAP_FAILED ? &none : at;
	}
	return *shown;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
	int64_t ns;
	int failed = syscall(SYS_clock_gettime, clock, time);

	if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
		ns = time->tv_sec * 1000000000L + time->tv_nsec + ahead();
		time->tv_sec = ns / 1000000000L;
		time->tv_nsec = ns % 1000000000L;
	}
	return failed;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	time->tv_sec = now.tv_sec;
	time->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *to)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (to)
		*to = now.tv_sec;
	return now.tv_sec;
}
