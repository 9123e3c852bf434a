/* A check in C: a revision is well if the endpoint that its setting names answers with success.
 *
 *     cc -std=c11 -O2 -shared -fPIC -I .. -o status.so status.c
 */
#include "slipway_plugin.h"

#include <stdio.h>
#include <string.h>

/* What is written: good until the next verb. */
static uint8_t written[4096];
static size_t length;

static void head(unsigned kind, size_t number) {
    uint8_t *to = written + length;
    if (number < 24) {
        to[0] = (uint8_t)(kind << 5 | number);
        length += 1;
    } else {
        to[0] = (uint8_t)(kind << 5 | 25);
        to[1] = (uint8_t)(number >> 8);
        to[2] = (uint8_t)number;
        length += 3;
    }
}

static void number(size_t number) { head(0, number); }
static void bytes(size_t count) { head(2, count); }
static void array(size_t count) { head(4, count); }

static void text(const char *text) {
    size_t count = strlen(text);
    head(3, count);
    memcpy(written + length, text, count);
    length += count;
}

/* The number that stands at `at`, if one does. */
static int read_number(const struct slipway_bytes *from, size_t at) {
    const uint8_t *bytes = from->at + at;
    if (from->length > at && bytes[0] < 24)
        return bytes[0];
    if (from->length > at + 1 && bytes[0] == 24)
        return bytes[1];
    if (from->length > at + 2 && bytes[0] == 25)
        return bytes[1] << 8 | bytes[2];
    return -1;
}

static void describe(void) {
    array(5);
    text("status");
    text("0.1.0");
    text("Asks an endpoint whether it answers with success.");
    text("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\"additionalProperties\":false,"
         "\"description\":\"Asks an endpoint whether it answers with success.\",\"required\":[\"endpoint\"],"
         "\"properties\":{\"endpoint\":{\"type\":\"string\",\"description\":\"As the operator calls it.\"}},"
         "\"examples\":[{\"endpoint\":\"page\"}]}");
    array(1);
    text("endpoint of endpoint");
}

/* http.send: [endpoint, [method, path, headers, body, timeout-ms, quiet-ms, effect]] */
static int32_t ask(const struct slipway_host *host, struct slipway_bytes *answer) {
    array(2);
    text("endpoint");
    array(7);
    text("GET");
    text("/");
    array(0);
    array(2);
    number(SLIPWAY_HTTP_CONTENT_BYTES);
    bytes(0);
    number(5000);
    number(0);
    number(SLIPWAY_TYPES_EFFECT_CLASS_READ);
    return host->call(host, SLIPWAY_HTTP_SEND, written, length, answer);
}

/* [0, [outcome, message, evidence, values, tallies]] */
static void finding(int status) {
    char message[64];
    snprintf(message, sizeof message, "it answers with status %d", status);
    length = 0;
    array(2);
    number(0);
    array(5);
    number(status >= 200 && status < 300 ? SLIPWAY_CHECK_OUTCOME_PASSED : SLIPWAY_CHECK_OUTCOME_FAILED);
    text(message);
    array(0);
    array(0);
    array(0);
}

/* Arguments are [settings, subject], and settings are JSON: `{"endpoint":"page"}`, as the host writes it, and nothing more. */
static int are_settings(const uint8_t *in, size_t in_length) {
    static const char begin[] = "{\"endpoint\":\"";
    if (in_length < 4)
        return 0;
    /* A length is in the head of a text, or in the one or two bytes after it. */
    size_t small = in[1] & 0x1f;
    size_t skip = small < 24 ? 2 : small == 24 ? 3 : 4;
    size_t count = small < 24 ? small : small == 24 ? in[2] : (size_t)in[2] << 8 | in[3];
    const char *json = (const char *)in + skip;
    if (count < sizeof begin || skip + count > in_length || memcmp(json, begin, sizeof begin - 1) != 0)
        return 0;
    for (size_t at = sizeof begin - 1; at + 1 < count; at++) {
        if (json[at] == '\\')
            return 0;
        if (json[at] == '"')
            return at + 2 == count && json[at + 1] == '}';
    }
    return 0;
}

/* [1, [kind, message, hint]] */
static void invalid(const char *why) {
    array(2);
    number(1);
    array(3);
    number(SLIPWAY_TYPES_FAILURE_KIND_INVALID);
    text(why);
    written[length++] = 0xf6;
}

static int32_t call(const struct slipway_host *host, const char *verb, const uint8_t *in, size_t in_length,
                    struct slipway_bytes *out) {
    length = 0;
    if (strcmp(verb, SLIPWAY_CHECK_VERB_DESCRIBE) == 0) {
        describe();
    } else if (strcmp(verb, SLIPWAY_CHECK_VERB_CHECK) == 0 && !are_settings(in, in_length)) {
        invalid("the settings are `endpoint` and nothing more");
    } else if (strcmp(verb, SLIPWAY_CHECK_VERB_CHECK) == 0) {
        struct slipway_bytes answer;
        if (ask(host, &answer) != 0 || answer.length < 3)
            return 1;
        /* A failure is handed on as it is: [1, failure]. Otherwise it is [0, [status, headers, body]]. */
        if (read_number(&answer, 1) == 1) {
            *out = answer;
            return 0;
        }
        finding(read_number(&answer, 3));
    } else {
        return 1;
    }
    out->at = written;
    out->length = length;
    return 0;
}

const struct slipway_plugin *slipway_check_0_1(void) {
    static const struct slipway_plugin plugin = {SLIPWAY_ABI, sizeof plugin, call};
    return &plugin;
}
