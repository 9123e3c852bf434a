/* Made from the contract; a test keeps it so. Not edited by hand.
 *
 * A plugin of Slipway as a native library, in C or in whatever speaks like C. It is loaded by a process of its own, in which there
 * is nothing: no files but the system's libraries, no network, no environment, no other processes, no threads. What it
 * does goes through the host. Verbs are asked one after the other; each has to do the same again where the same is answered.
 * Of one library there may be several processes, and one that broke or was idle is ended.
 *
 * The library has one symbol, which says what it is for and which contract it was built for, such as
 *
 *     const struct slipway_plugin *slipway_target_0_1(void);
 *
 * and is called once. Instead of `target` it is `format`, `router` or `check`.
 *
 * Messages are CBOR (RFC 8949) by position, without indefinite lengths:
 *
 *     a record, a tuple, arguments   an array of the fields, in this order; nothing at all is the empty array
 *     an enum                        the number of its case
 *     a variant                      the array of the number of its case and of what it holds
 *     result<A, B>                   [0, A] or [1, B]
 *     option<A>                      A, or null
 *     bytes                          a byte string, or, where it is empty, also the empty array
 *     list<A>                        an array
 *     text                           a text string, UTF-8
 *     bool, u32, s32, f64 and so on  as CBOR has them; a float has 8 bytes
 */

#ifndef SLIPWAY_PLUGIN_H
#define SLIPWAY_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of the two tables: they are only added to at the end, which their size tells. */
#define SLIPWAY_ABI 1

struct slipway_bytes {
    const uint8_t *at;
    size_t length;
};

struct slipway_host;

/* Asks for an operation by its name. 0: `out` is the answer; otherwise there is none, and `out` is a text that says why. It belongs
 * to whoever is asked and is good until it is asked again. */
typedef int32_t (*slipway_call)(const struct slipway_host *host, const char *operation, const uint8_t *in, size_t length,
                                struct slipway_bytes *out);

/* What a plugin asks: only while it carries out a verb, and on the thread that does. `host` is this table. */
struct slipway_host {
    uint32_t abi;
    uint32_t size;
    slipway_call call;
};

/* What a plugin is asked through. */
struct slipway_plugin {
    uint32_t abi;
    uint32_t size;
    slipway_call call;
};

/* CONTRACT */

#ifdef __cplusplus
}
#endif

#endif
