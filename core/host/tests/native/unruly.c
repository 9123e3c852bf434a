/* A target whose `stop` does what the name of the instance says. */
#define _GNU_SOURCE
#include "../../../../sdk/c/slipway_plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYMBOL
#define SYMBOL slipway_target_0_1
#endif
#ifndef VERSION
#define VERSION SLIPWAY_ABI
#endif

static uint8_t answer[256];
static int calls;

static const char DESCRIPTION[] = "\x86\x66" "unruly" "\x65" "1.0.0" "\x6a" "For tests." "\x62" "{}" "\x80\x80";

static int32_t said(struct slipway_bytes *out, const void *at, size_t length) {
    out->at = at;
    out->length = length;
    return 0;
}

/* A failure that says which error there was. */
static int32_t failed(struct slipway_bytes *out, const char *what, int result) {
    char text[128];
    if (result >= 0)
        return snprintf(text, sizeof text, "%s worked", what), out->at = (uint8_t *)strdup(text), out->length = strlen(text), 1;
    size_t length = snprintf(text, sizeof text, "%s: %s", what, strerror(errno));
    memcpy(answer, "\x82\x01\x83\x04\x78", 5);
    answer[5] = length;
    memcpy(answer + 6, text, length);
    answer[6 + length] = 0xf6;
    return said(out, answer, 7 + length);
}

static int32_t call(const struct slipway_host *host, const char *verb, const uint8_t *in, size_t length,
                    struct slipway_bytes *out) {
    calls++;
    if (strcmp(verb, SLIPWAY_TARGET_VERB_DESCRIBE) == 0)
        return said(out, DESCRIPTION, sizeof DESCRIPTION - 1);
#define IS(name) (memmem(in, length, name, strlen(name)) != NULL)
    if (IS("segfault"))
        *(volatile int *)8 = 1;
    if (IS("abort"))
        abort();
    if (IS("divide"))
        return 1 / (calls - calls);
    if (IS("exit"))
        exit(3);
    if (IS("hang"))
        for (;;)
            calls++;
    if (IS("garbage"))
        for (int fd = 3; fd < 256; fd++)
            if (write(fd, "garbage and more garbage", 24) < 0)
                continue;
    if (IS("close"))
        for (int fd = 3; fd < 256; fd++)
            close(fd);
    if (IS("prints")) {
        printf("the vendor's library is not amused\n");
        fflush(stdout);
        abort();
    }
    if (IS("memory"))
        for (;;) {
            void *more = malloc(1 << 20);
            if (more == NULL) {
                fprintf(stderr, "out of memory\n");
                abort();
            }
            memset(more, 1, 1 << 20);
        }
    if (IS("huge"))
        return said(out, calloc(1, 20 << 20), 20 << 20);
    if (IS("nonsense"))
        return said(out, "\x82\x07\x80", 3);
    if (IS("why"))
        return said(out, "it has no licence", 17), 1;
    if (IS("sudo"))
        return host->call(host, "sudo.run", (const uint8_t *)"\x80", 1, out);
    if (IS("arguments"))
        return host->call(host, SLIPWAY_LOG_EMIT, (const uint8_t *)"\x82\x01\x07", 3, out);
    if (IS("chatter"))
        for (;;)
            host->call(host, SLIPWAY_LOG_EMIT, (const uint8_t *)"\x82\x01\x62hi", 5, out);
    if (IS("fork"))
        return failed(out, "fork", fork());
    if (IS("program"))
        return failed(out, "execve", execl("/bin/true", "true", NULL));
    if (IS("socket"))
        return failed(out, "socket", socket(AF_INET, SOCK_STREAM, 0));
    if (IS("trace"))
        return failed(out, "ptrace", (int)ptrace(PTRACE_TRACEME, 0, 0, 0));
    if (IS("passwd"))
        return failed(out, "open", open("/etc/passwd", O_RDONLY));
    if (IS("process"))
        return failed(out, "open", open("/proc/self/maps", O_RDONLY));
    if (IS("writes"))
        return failed(out, "open", open("/tmp/unruly", O_WRONLY | O_CREAT, 0600));
    if (IS("kill"))
        return failed(out, "kill", (int)syscall(SYS_kill, getppid(), 9));
    if (IS("shared"))
        return failed(out, "mmap", mmap(NULL, 2ul << 30, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
    return said(out, "\x82\x00\x80", 3);
}

static const struct slipway_plugin PLUGIN = {VERSION, sizeof PLUGIN, call};

const struct slipway_plugin *SYMBOL(void) {
    return &PLUGIN;
}

#ifdef BROKEN
__attribute__((constructor)) static void begin(void) {
    fprintf(stderr, "no licence\n");
    abort();
}
#endif
