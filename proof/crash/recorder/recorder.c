/* Records what a process does to its ledger's files, in order and with the bytes, and what it then tells the world.
 *
 * Loaded with LD_PRELOAD; compiled by the harness with cc. This is the one place with C: it has to stand between the
 * program and the C library, which Rust cannot do without `unsafe`, and the house forbids that. It is no part of the
 * product. Written to POWER_LOG, each record at once: kind, name length, offset, length, name, bytes (native byte order).
 *   W write   T truncate to offset   U unlinked   A bytes sent to a socket
 *   S synced: all records of this file before the offset-th record of the log are durable
 * With POWER_STOP=wal-sync:N it stands still before the N-th sync of a log, with POWER_STOP=db-write:N before the N-th
 * write into the database itself (a checkpoint), and says so on standard output as the Rust crash points do.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -2;
static long stop_left;
static int64_t recorded;
static char stop_kind;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static ssize_t (*real_send)(int, const void *, size_t, int);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_sendmsg)(int, const struct msghdr *, int);

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_send = dlsym(RTLD_NEXT, "send");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_sendmsg = dlsym(RTLD_NEXT, "sendmsg");
    const char *path = getenv("POWER_LOG");
    log_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    const char *stop = getenv("POWER_STOP");
    if (stop && strchr(stop, ':')) {
        stop_kind = stop[0];
        stop_left = atol(strchr(stop, ':') + 1);
    }
}

/* The file's own name where it is one of the ledger's; 0 for all others. */
static const char *ours(const char *path) {
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    size_t n = strlen(name);
    if (n > 3 && !strcmp(name + n - 3, ".db")) return name;
    if (n > 7 && !strcmp(name + n - 7, ".db-wal")) return name;
    if (n > 11 && !strcmp(name + n - 11, ".db-journal")) return name;
    return 0;
}

static const char *name_of(int fd, char *room, size_t size) {
    char link[40];
    if (fd < 3 || fd == log_fd) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, room, size - 1);
    if (n <= 0) return 0;
    room[n] = 0;
    return ours(room);
}

/* Held by the caller: the record's place in the log is the operation's place in time. */
static void record(char kind, const char *name, int64_t offset, const void *bytes, size_t length) {
    if (log_fd < 0) return;
    unsigned char head[18];
    uint64_t long_length = length;
    head[0] = (unsigned char)kind;
    head[1] = (unsigned char)strlen(name);
    memcpy(head + 2, &offset, 8);
    memcpy(head + 10, &long_length, 8);
    struct iovec parts[3] = {{head, 18}, {(void *)name, head[1]}, {(void *)bytes, length}};
    if (real_writev(log_fd, parts, 3) != (ssize_t)(18 + head[1] + length)) abort();
    recorded++;
}

static void stand_still(const char *point) {
    dprintf(1, "crash-point %s\n", point);
    for (;;) pause();
}

static void come_to(char kind, const char *name) {
    int is_log = strstr(name, ".db-wal") != 0;
    if (stop_kind != kind || (kind == 'w') != is_log) return;
    if (__sync_sub_and_fetch(&stop_left, 1) == 0) stand_still(kind == 'w' ? "K07" : "K21");
}

ssize_t write(int fd, const void *bytes, size_t length) {
    char room[4096];
    const char *name = name_of(fd, room, sizeof room);
    if (!name) return real_write(fd, bytes, length);
    come_to('d', name);
    pthread_mutex_lock(&lock);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t done = real_write(fd, bytes, length);
    if (done > 0) record('W', name, at, bytes, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) {
    char room[4096];
    const char *name = name_of(fd, room, sizeof room);
    if (!name) return real_pwrite(fd, bytes, length, at);
    come_to('d', name);
    pthread_mutex_lock(&lock);
    ssize_t done = real_pwrite(fd, bytes, length, at);
    if (done > 0) record('W', name, at, bytes, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return pwrite64(fd, bytes, length, at); }

int ftruncate64(int fd, off_t length) {
    char room[4096];
    const char *name = name_of(fd, room, sizeof room);
    pthread_mutex_lock(&lock);
    int done = real_ftruncate(fd, length);
    if (name && !done) record('T', name, length, "", 0);
    pthread_mutex_unlock(&lock);
    return done;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

/* What was written before the sync began is durable once it has returned. Nobody is held back meanwhile, so that an answer
 * that leaves before its sync has returned stands before it in the log. */
static int synced(int fd, int (*real)(int)) {
    char room[4096];
    const char *name = name_of(fd, room, sizeof room);
    if (!name) return real(fd);
    come_to('w', name);
    pthread_mutex_lock(&lock);
    int64_t before = recorded;
    pthread_mutex_unlock(&lock);
    int done = real(fd);
    pthread_mutex_lock(&lock);
    if (!done) record('S', name, before, "", 0);
    pthread_mutex_unlock(&lock);
    return done;
}
int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int unlink(const char *path) {
    const char *name = ours(path);
    pthread_mutex_lock(&lock);
    int done = real_unlink(path);
    if (name && !done) record('U', name, 0, "", 0);
    pthread_mutex_unlock(&lock);
    return done;
}

/* Recorded before it leaves: nobody can have heard it earlier. */
static void told(const void *bytes, size_t length) {
    if (log_fd < 0 || length < 12 || memcmp(bytes, "HTTP/1.1 200", 12)) return;
    pthread_mutex_lock(&lock);
    record('A', "", 0, bytes, length < 2048 ? length : 2048);
    pthread_mutex_unlock(&lock);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    told(bytes, length);
    return real_send(fd, bytes, length, flags);
}

static void told_in_parts(const struct iovec *parts, size_t count) {
    char whole[2048];
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof whole; i++) {
        size_t take = parts[i].iov_len < sizeof whole - used ? parts[i].iov_len : sizeof whole - used;
        memcpy(whole + used, parts[i].iov_base, take);
        used += take;
    }
    told(whole, used);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (log_fd >= 0 && count > 0) told_in_parts(parts, (size_t)count);
    return real_writev(fd, parts, count);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    if (log_fd >= 0) told_in_parts(message->msg_iov, message->msg_iovlen);
    return real_sendmsg(fd, message, flags);
}
