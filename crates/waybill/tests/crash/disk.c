/* A disk and a clock on which something goes wrong: loaded before the C library (LD_PRELOAD), so that what is
 * tested is the program as it is released, with no line of its own for it.
 *
 * Each call that changes something below a folder is counted over all threads and noted in a log. At a number that
 * the test names the process is killed, also in the middle of a write, or calls fail from then on. What a sync made
 * durable is copied aside, so that the test can make the disk that a loss of power would leave.
 *
 *   FAULTS_DISK    the folder; without it nothing is counted
 *   FAULTS_LOG     one line a call: "NUMBER CALL PATH"
 *   FAULTS_AT      number of the call at which it happens
 *   FAULTS_DO      kill (before the call), torn (a write is done by half, then kill), nospace (this and all that need
 *                  room fail), eio (this one fails)
 *   FAULTS_ROOM    with nospace: a file; once it is there, there is room again
 *   FAULTS_SYNCED  folder; INODE is what a file held when it was synced last, INODE.d has "INODE NAME" lines of a folder,
 *                  with `/` behind names of folders
 *   FAULTS_CLOCK   a file with nanoseconds (i64) by which the wall clock is wrong
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum what { KILL, TORN, NOSPACE, EIO_ONCE };

static const char *disk, *room, *synced;
static size_t disk_length;
static int log_fd = -1, clock_fd = -1;
static long at = LONG_MAX, number;
static enum what what;

static int raw_open(const char *path, int flags, mode_t mode) {
    return syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

__attribute__((constructor)) static void begin(void) {
    const char *log = getenv("FAULTS_LOG"), *number_at = getenv("FAULTS_AT");
    const char *kind = getenv("FAULTS_DO"), *clock = getenv("FAULTS_CLOCK");
    room = getenv("FAULTS_ROOM");
    synced = getenv("FAULTS_SYNCED");
    if (log) log_fd = raw_open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (number_at) at = atol(number_at);
    if (clock) clock_fd = raw_open(clock, O_RDONLY, 0);
    if (kind && !strcmp(kind, "torn")) what = TORN;
    if (kind && !strcmp(kind, "nospace")) what = NOSPACE;
    if (kind && !strcmp(kind, "eio")) what = EIO_ONCE;
    disk = getenv("FAULTS_DISK");
    disk_length = disk ? strlen(disk) : 0;
}

static int is_ours(const char *path) {
    return disk && !strncmp(path, disk, disk_length) && (path[disk_length] == '/' || !path[disk_length]);
}

/* The path of an open file; 0 if it is not below the folder. */
static int path_of(int fd, char path[PATH_MAX]) {
    char link[32];
    if (!disk) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

static void killed(void) {
    for (;;) syscall(SYS_kill, getpid(), SIGKILL);
}

/* Counts a call. Gives an error with which it is to fail, or 0. */
static int counted(const char *call, const char *path, int needs_room, int is_write) {
    long mine = __atomic_add_fetch(&number, 1, __ATOMIC_SEQ_CST);
    if (log_fd >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%ld %s %s\n", mine, call, path + disk_length);
        syscall(SYS_write, log_fd, line, length);
    }
    if (mine < at) return 0;
    switch (what) {
    case KILL: killed(); break;
    case TORN:
        if (mine > at || !is_write) killed();
        break;
    case NOSPACE:
        return needs_room && !(room && !syscall(SYS_faccessat, AT_FDCWD, room, F_OK)) ? ENOSPC : 0;
    case EIO_ONCE: return mine == at ? EIO : 0;
    }
    return 0;
}

#define FAIL_IF(error_expression)                                                                                      \
    do {                                                                                                               \
        int error_ = (error_expression);                                                                               \
        if (error_) {                                                                                                  \
            errno = error_;                                                                                            \
            return -1;                                                                                                 \
        }                                                                                                              \
    } while (0)

static void copy_of(const struct stat *of, char path[PATH_MAX]) {
    snprintf(path, PATH_MAX, "%s/%lu%s", synced, (unsigned long)of->st_ino, S_ISDIR(of->st_mode) ? ".d" : "");
}

/* Notes what a file or folder holds that is durable now. */
static void keep(int fd) {
    char from[32], to[PATH_MAX], new_name[PATH_MAX + 8];
    struct stat of;
    if (!synced || fstat(fd, &of)) return;
    copy_of(&of, to);
    snprintf(new_name, sizeof new_name, "%s.%ld", to, (long)syscall(SYS_gettid));
    int out = raw_open(new_name, O_WRONLY | O_CREAT | O_TRUNC, of.st_mode & 0777);
    snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    if (S_ISDIR(of.st_mode)) {
        DIR *folder = opendir(from);
        for (struct dirent *entry; folder && (entry = readdir(folder));) {
            char line[NAME_MAX + 32];
            const char *end = entry->d_type == DT_DIR ? "/" : "";
            int length = snprintf(line, sizeof line, "%lu %s%s\n", (unsigned long)entry->d_ino, entry->d_name, end);
            syscall(SYS_write, out, line, length);
        }
        if (folder) closedir(folder);
    } else {
        char bytes[1 << 16];
        int in = raw_open(from, O_RDONLY, 0);
        for (ssize_t length; (length = syscall(SYS_read, in, bytes, sizeof bytes)) > 0;)
            syscall(SYS_write, out, bytes, length);
        syscall(SYS_close, in);
    }
    syscall(SYS_close, out);
    syscall(SYS_renameat, AT_FDCWD, new_name, AT_FDCWD, to);
}

/* What is new was never synced, also where the number of its inode was used before. */
static void forget(const char *path) {
    char copy[PATH_MAX];
    struct stat of;
    if (!synced || stat(path, &of)) return;
    copy_of(&of, copy);
    syscall(SYS_unlinkat, AT_FDCWD, copy, 0);
}

/* An absolute path of what a call names. */
static int named(int folder, const char *name, char path[PATH_MAX]) {
    if (!disk) return 0;
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
    } else {
        char base[PATH_MAX];
        if (folder == AT_FDCWD) {
            if (!getcwd(base, sizeof base)) return 0;
        } else {
            char link[32];
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, base, PATH_MAX - 1);
            if (length <= 0) return 0;
            base[length] = 0;
        }
        if (snprintf(path, PATH_MAX, "%s/%s", base, name) >= PATH_MAX) return 0;
    }
    return is_ours(path);
}

static int opened(int folder, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    struct stat of;
    int is_changed = (flags & (O_CREAT | O_TRUNC)) && named(folder, name, path);
    int is_new = is_changed && stat(path, &of);
    if (is_changed && (is_new || ((flags & O_TRUNC) && of.st_size))) FAIL_IF(counted("create", path, is_new, 0));
    int fd = syscall(SYS_openat, folder, name, flags, mode);
    if (fd >= 0 && is_new) forget(path);
    return fd;
}

#define OPEN(function, ...)                                                                                            \
    {                                                                                                                  \
        mode_t mode = 0;                                                                                               \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                                           \
            va_list more;                                                                                              \
            va_start(more, flags);                                                                                     \
            mode = va_arg(more, mode_t);                                                                               \
            va_end(more);                                                                                              \
        }                                                                                                              \
        return opened(__VA_ARGS__, flags, mode);                                                                       \
    }
int open(const char *name, int flags, ...) OPEN(open, AT_FDCWD, name)
int open64(const char *name, int flags, ...) OPEN(open64, AT_FDCWD, name)
int openat(int folder, const char *name, int flags, ...) OPEN(openat, folder, name)
int openat64(int folder, const char *name, int flags, ...) OPEN(openat64, folder, name)

/* Whether a write is to be done; else its answer is in `answer`. */
static int may_write(int fd, size_t bytes, size_t *now, ssize_t *answer) {
    char path[PATH_MAX];
    *now = bytes;
    if (!path_of(fd, path)) return 1;
    int error = counted("write", path, 1, 1);
    if (error) {
        errno = error;
        *answer = -1;
        return 0;
    }
    if (what == TORN && number >= at) *now = bytes / 2;
    return 1;
}

static ssize_t written(size_t now, size_t bytes, ssize_t answer) {
    if (now < bytes) killed();
    return answer;
}

ssize_t write(int fd, const void *from, size_t bytes) {
    size_t now;
    ssize_t answer;
    if (!may_write(fd, bytes, &now, &answer)) return answer;
    return written(now, bytes, syscall(SYS_write, fd, from, now));
}

ssize_t pwrite64(int fd, const void *from, size_t bytes, off64_t offset) {
    size_t now;
    ssize_t answer;
    if (!may_write(fd, bytes, &now, &answer)) return answer;
    return written(now, bytes, syscall(SYS_pwrite64, fd, from, now, offset));
}

ssize_t pwrite(int fd, const void *from, size_t bytes, off_t offset) {
    return pwrite64(fd, from, bytes, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    size_t now;
    ssize_t answer;
    if (!may_write(fd, count, &now, &answer)) return answer;
    return written(now, count, syscall(SYS_writev, fd, parts, now));
}

int ftruncate64(int fd, off64_t length) {
    char path[PATH_MAX];
    if (path_of(fd, path)) FAIL_IF(counted("truncate", path, 0, 0));
    return syscall(SYS_ftruncate, fd, length);
}

int ftruncate(int fd, off_t length) {
    return ftruncate64(fd, length);
}

#define SYNC(function, number_of_call)                                                                                 \
    int function(int fd) {                                                                                             \
        char path[PATH_MAX];                                                                                           \
        int is_counted = path_of(fd, path);                                                                            \
        if (is_counted) FAIL_IF(counted("sync", path, 0, 0));                                                          \
        int answer = syscall(number_of_call, fd);                                                                      \
        if (is_counted && !answer) keep(fd);                                                                           \
        return answer;                                                                                                 \
    }
SYNC(fsync, SYS_fsync)
SYNC(fdatasync, SYS_fdatasync)

int renameat2(int folder, const char *name, int new_folder, const char *new_name, unsigned flags) {
    char path[PATH_MAX];
    if (named(new_folder, new_name, path)) FAIL_IF(counted("rename", path, 0, 0));
    return syscall(SYS_renameat2, folder, name, new_folder, new_name, flags);
}

int renameat(int folder, const char *name, int new_folder, const char *new_name) {
    return renameat2(folder, name, new_folder, new_name, 0);
}

int rename(const char *name, const char *new_name) {
    return renameat2(AT_FDCWD, name, AT_FDCWD, new_name, 0);
}

int linkat(int folder, const char *name, int new_folder, const char *new_name, int flags) {
    char path[PATH_MAX];
    if (named(new_folder, new_name, path)) FAIL_IF(counted("link", path, 1, 0));
    return syscall(SYS_linkat, folder, name, new_folder, new_name, flags);
}

int link(const char *name, const char *new_name) {
    return linkat(AT_FDCWD, name, AT_FDCWD, new_name, 0);
}

int unlinkat(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    if (named(folder, name, path)) FAIL_IF(counted("remove", path, 0, 0));
    return syscall(SYS_unlinkat, folder, name, flags);
}

int unlink(const char *name) {
    return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char *name) {
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

int mkdir(const char *name, mode_t mode) {
    char path[PATH_MAX];
    int is_counted = named(AT_FDCWD, name, path);
    if (is_counted) FAIL_IF(counted("mkdir", path, 1, 0));
    int answer = syscall(SYS_mkdirat, AT_FDCWD, name, mode);
    if (is_counted && !answer) forget(path);
    return answer;
}

static int64_t wrong_by(void) {
    int64_t wrong = 0;
    if (clock_fd >= 0) syscall(SYS_pread64, clock_fd, &wrong, sizeof wrong, 0);
    return wrong;
}

int clock_gettime(clockid_t which, struct timespec *now) {
    int answer = syscall(SYS_clock_gettime, which, now);
    if (answer || (which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE)) return answer;
    int64_t nanos = now->tv_sec * 1000000000LL + now->tv_nsec + wrong_by();
    now->tv_sec = nanos / 1000000000;
    now->tv_nsec = nanos % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec time;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &time);
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *to) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to) *to = now.tv_sec;
    return now.tv_sec;
}
