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

/* ----------------------------------------------------------------------------------------------------------------
 * `log`, asked of the host.
 * Lines for the log of the run. Recorded, never an error. What is at least a warning is shown to people.
 */

/*
 * log.level = the number of a case, or [it, what it holds]
 */
enum slipway_log_level {
    SLIPWAY_LOG_LEVEL_DEBUG = 0,
    SLIPWAY_LOG_LEVEL_INFO = 1,
    SLIPWAY_LOG_LEVEL_WARN = 2,
    SLIPWAY_LOG_LEVEL_ERROR = 3,
};

/*
 * in:  [level: log.level, message: text]
 * out: []
 */
#define SLIPWAY_LOG_EMIT "log.emit"

/* ----------------------------------------------------------------------------------------------------------------
 * `progress`, asked of the host.
 * How far a long call is, for whoever watches.
 */

/*
 * in:  [what: text, done: u64, total: option<u64>]
 * out: []
 */
#define SLIPWAY_PROGRESS_REPORT "progress.report"

/* ----------------------------------------------------------------------------------------------------------------
 * What all of them speak.
 * What every world speaks. Free-form documents are JSON text, because WIT types are not recursive.
 */

/*
 * A JSON document as text.
 * types.json = text
 */

/*
 * The digest (`sha256:...`) of bytes that the host keeps. A plugin can use only the blobs that a call handed to it.
 * types.blob = text
 */

/*
 * What a call to the outside is. `read` changes nothing; `idempotent` may be repeated safely;
 * `once` must not be repeated: the host asks a person rather than guess whether it happened. Where it did, its
 * answer is lost, and the plugin is told of an empty success: status 204, or exit code 0 without output.
 * types.effect-class = the number of a case, or [it, what it holds]
 */
enum slipway_types_effect_class {
    SLIPWAY_TYPES_EFFECT_CLASS_READ = 0,
    SLIPWAY_TYPES_EFFECT_CLASS_IDEMPOTENT = 1,
    SLIPWAY_TYPES_EFFECT_CLASS_ONCE = 2,
};

/*
 * Why a call failed, for a person. `invalid`: the input is wrong. `unsupported`: cannot be done here.
 * `refused`: not allowed. `unavailable`: may work later, the host may retry. `failed`: everything else.
 * types.failure-kind = the number of a case, or [it, what it holds]
 */
enum slipway_types_failure_kind {
    SLIPWAY_TYPES_FAILURE_KIND_INVALID = 0,
    SLIPWAY_TYPES_FAILURE_KIND_UNSUPPORTED = 1,
    SLIPWAY_TYPES_FAILURE_KIND_REFUSED = 2,
    SLIPWAY_TYPES_FAILURE_KIND_UNAVAILABLE = 3,
    SLIPWAY_TYPES_FAILURE_KIND_FAILED = 4,
};

/*
 * message:
 * What happened, where and why, in one line.
 * hint:
 * The next step, if there is one.
 * types.failure = [kind: types.failure-kind, message: text, hint: option<text>]
 */

/*
 * One thing of the operator's that a plugin wants granted, in words:
 * `endpoint NAME`, which calls know by this name;
 * `endpoint of SETTING`, the one that this setting names, which calls know by the setting's name; or, where the setting is a
 * list of names, all of them, which calls know by their own;
 * `host NAME` and `host of SETTING`, likewise;
 * `folder NAME`, kept for the plugin; `folder deployment` is the one of the call's revision, and is no grant;
 * `cluster of SETTING`, the API server of the kubeconfig context that the setting names, or of the current one, which calls
 * know as the endpoint `cluster`.
 * A plugin that asks for anything else is not loaded.
 * types.need = text
 */

/*
 * path:
 * Relative, with `/`, never leaving its folder.
 * types.file = [path: text, content: bytes]
 */

/*
 * One service in one environment.
 * settings:
 * The settings of this target or router in deploy.toml, checked against the schema of `describe`.
 * types.place = [service: text, environment: text, settings: types.json]
 */

/* ----------------------------------------------------------------------------------------------------------------
 * `files`, asked of the host.
 * Named folders that the host granted. Paths are relative and cannot leave the folder, not even by a link.
 */

/*
 * files.entry = [path: text, directory: bool, size: u64]
 */

/*
 * The whole file, at most 16 MiB. [read]
 * in:  [folder: text, path: text]
 * out: result<bytes, types.failure>
 */
#define SLIPWAY_FILES_READ "files.read"

/*
 * The files below `path` (empty: the whole folder), sorted, at most 10,000; nothing there is an empty list. [read]
 * in:  [folder: text, path: text]
 * out: result<list<files.entry>, types.failure>
 */
#define SLIPWAY_FILES_LIST_FILES "files.list-files"

/*
 * Replaces the file as a whole, with its folders. [idempotent]
 * in:  [folder: text, path: text, content: bytes]
 * out: result<[], types.failure>
 */
#define SLIPWAY_FILES_WRITE "files.write"

/*
 * A file or a folder with all it holds, streamed by the host. [idempotent]
 * in:  [from-folder: text, from: text, to-folder: text, to: text]
 * out: result<[], types.failure>
 */
#define SLIPWAY_FILES_COPY "files.copy"

/*
 * A file or a folder with all it holds; nothing there is no error. [idempotent]
 * in:  [folder: text, path: text]
 * out: result<[], types.failure>
 */
#define SLIPWAY_FILES_REMOVE "files.remove"

/* ----------------------------------------------------------------------------------------------------------------
 * `blobs`, asked of the host.
 * Big immutable bytes, which stay with the host.
 */

/*
 * blobs.entry-kind = the number of a case, or [it, what it holds]
 */
enum slipway_blobs_entry_kind {
    SLIPWAY_BLOBS_ENTRY_KIND_FILE = 0,
    SLIPWAY_BLOBS_ENTRY_KIND_DIRECTORY = 1,
    SLIPWAY_BLOBS_ENTRY_KIND_SYMLINK = 2,
    SLIPWAY_BLOBS_ENTRY_KIND_HARDLINK = 3,
    SLIPWAY_BLOBS_ENTRY_KIND_DEVICE = 4,
    SLIPWAY_BLOBS_ENTRY_KIND_OTHER = 5,
};

/*
 * blobs.archive-entry = [path: text, kind: blobs.entry-kind, size: u64, mode: u32, target: option<text>]
 */

/*
 * The entries of a tar, tar.gz, tar.zst or zip, as they stand, at most 100,000. [read]
 * in:  [blob: types.blob]
 * out: result<list<blobs.archive-entry>, types.failure>
 */
#define SLIPWAY_BLOBS_ENTRIES "blobs.entries"

/*
 * The regular files of an archive with what they hold, sorted by path, at most 10,000 and 16 MiB together. [read]
 * in:  [blob: types.blob]
 * out: result<list<types.file>, types.failure>
 */
#define SLIPWAY_BLOBS_FILES "blobs.files"

/*
 * The bytes themselves, at most 16 MiB: a manifest, a list. [read]
 * in:  [blob: types.blob]
 * out: result<bytes, types.failure>
 */
#define SLIPWAY_BLOBS_READ "blobs.read"

/*
 * Unpacks into a folder that this call alone fills: complete or not there. Absolute paths, `..`, links that leave,
 * devices and bombs are refused. `strip` leading path elements are dropped. [idempotent]
 * in:  [blob: types.blob, folder: text, path: text, strip: u32]
 * out: result<[], types.failure>
 */
#define SLIPWAY_BLOBS_UNPACK "blobs.unpack"

/*
 * The bytes as one file. [idempotent]
 * in:  [blob: types.blob, folder: text, path: text, executable: bool]
 * out: result<[], types.failure>
 */
#define SLIPWAY_BLOBS_PLACE "blobs.place"

/* ----------------------------------------------------------------------------------------------------------------
 * `http`, asked of the host.
 * HTTP to endpoints by name. The host holds the address, the credentials and TLS; a path is never a URL.
 */

/*
 * One regular file of an archive, as `blobs.entries` names it.
 * http.archived = [blob: types.blob, path: text]
 */

/*
 * What a request carries.
 * http.content = the number of a case, or [it, what it holds]
 */
enum slipway_http_content {
    SLIPWAY_HTTP_CONTENT_BYTES = 0, /* These bytes. `${secret.NAME}` in them is replaced on the way out. holds bytes */
    SLIPWAY_HTTP_CONTENT_BLOB = 1, /* A blob of the call as it is, however large: streamed by the host. holds types.blob */
    SLIPWAY_HTTP_CONTENT_ARCHIVED = 2, /* The same with what an archive holds. holds http.archived */
};

/*
 * path:
 * Begins with one `/`; may carry a query.
 * quiet-ms:
 * 0: the answer is the whole body. Otherwise it is the lines that have come as soon as there are any and nothing more
 * has come for so long; or 256 KiB have; or the body ends; or the time is up. For what goes on being told: a watch.
 * http.request = [method: text, path: text, headers: list<[text, text]>, body: http.content, timeout-ms: u32, quiet-ms: u32, effect: types.effect-class]
 */

/*
 * http.response = [status: u16, headers: list<[text, text]>, body: bytes]
 */

/*
 * An answer of any status is no failure; none is. Redirects are not followed. [as the request says]
 * in:  [endpoint: text, request: http.request]
 * out: result<http.response, types.failure>
 */
#define SLIPWAY_HTTP_SEND "http.send"

/*
 * Sends them at the same time, at most 64 under way; the answers are in the order of the requests. One record is kept
 * of all, so none may be `once`. The first one with `quiet-ms` that is answered ends the others with it: they are
 * answered with what has come, or fail as `unavailable` if none of it has. [idempotent, or read where all of them are]
 * in:  [endpoint: text, requests: list<http.request>]
 * out: result<list<result<http.response, types.failure>>, types.failure>
 */
#define SLIPWAY_HTTP_SEND_ALL "http.send-all"

/* ----------------------------------------------------------------------------------------------------------------
 * `exec`, asked of the host.
 * Programs on hosts by name. No shell: a program and its arguments.
 */

/*
 * exec.command = [program: text, arguments: list<text>, environment: list<[text, text]>, stdin: bytes, timeout-ms: u32, effect: types.effect-class]
 */

/*
 * exec.output = [code: option<s32>, stdout: bytes, stderr: bytes]
 */

/*
 * [as the command says]
 * in:  [host: text, command: exec.command]
 * out: result<exec.output, types.failure>
 */
#define SLIPWAY_EXEC_RUN "exec.run"

/* ----------------------------------------------------------------------------------------------------------------
 * `registry`, asked of the host.
 * Registries by the names of deploy.toml.
 */

/*
 * registry.descriptor = [media-type: text, digest: types.blob, size: u64]
 */

/*
 * What a tag or digest names now. [read]
 * in:  [registry: text, repository: text, reference: text]
 * out: result<registry.descriptor, types.failure>
 */
#define SLIPWAY_REGISTRY_RESOLVE "registry.resolve"

/*
 * The bytes of a manifest, at most 4 MiB, verified. [read]
 * in:  [registry: text, repository: text, digest: types.blob]
 * out: result<bytes, types.failure>
 */
#define SLIPWAY_REGISTRY_MANIFEST "registry.manifest"

/* ----------------------------------------------------------------------------------------------------------------
 * `clock`, asked of the host.
 * Time, recorded: a call that is run again sees the same.
 */

/*
 * Milliseconds since 1970-01-01. [read]
 * in:  []
 * out: u64
 */
#define SLIPWAY_CLOCK_NOW "clock.now"

/*
 * [read]
 * in:  [ms: u64]
 * out: []
 */
#define SLIPWAY_CLOCK_SLEEP "clock.sleep"

/* ----------------------------------------------------------------------------------------------------------------
 * `state`, asked of the host.
 * A small document of this plugin for the place of the call, at most 1 MiB.
 */

/*
 * [read]
 * in:  []
 * out: result<option<types.json>, types.failure>
 */
#define SLIPWAY_STATE_GET "state.get"

/*
 * [idempotent]
 * in:  [value: types.json]
 * out: result<[], types.failure>
 */
#define SLIPWAY_STATE_PUT "state.put"

/* ----------------------------------------------------------------------------------------------------------------
 * `lookup`, asked of the host.
 * What the cluster of an environment has now, for a format that makes objects of it: kinds that the artifact's setting
 * `lookup` lists and that the operator lets be looked up there, and never a Secret. And what it is, where the artifact's
 * setting `capabilities` is `cluster`.
 */

/*
 * version:
 * Such as `v1.35.4`.
 * apis:
 * What it serves, versions of APIs and kinds of them, such as `apps/v1` and `apps/v1/Deployment`; sorted.
 * lookup.cluster-capabilities = [version: text, apis: list<text>]
 */

/*
 * One object; without a name a list of all, and without a namespace of all namespaces. Nothing where there is none.
 * [read]
 * in:  [api-version: text, kind: text, namespace: text, name: text]
 * out: result<option<types.json>, types.failure>
 */
#define SLIPWAY_LOOKUP_FIND "lookup.find"

/*
 * What the cluster is. [read]
 * in:  []
 * out: result<lookup.cluster-capabilities, types.failure>
 */
#define SLIPWAY_LOOKUP_CAPABILITIES "lookup.capabilities"

/* ----------------------------------------------------------------------------------------------------------------
 * The verbs of a format, which the plugin carries out.
 * Knows how one kind of artifact is packaged. Knows nothing of strategy.
 */

/*
 * summary:
 * One line, for people.
 * settings-schema:
 * JSON Schema of the settings beside `format` and `from`.
 * format.format-description = [name: text, version: text, summary: text, settings-schema: types.json]
 */

/*
 * settings:
 * As written in deploy.toml, templates not yet expanded.
 * format.artifact = [name: text, blob: types.blob, size: u64, settings: types.json]
 */

/*
 * format.dependency-kind = the number of a case, or [it, what it holds]
 */
enum slipway_format_dependency_kind {
    SLIPWAY_FORMAT_DEPENDENCY_KIND_IMAGE = 0, /* An OCI image or index. It goes into the deployment registry whole. */
    SLIPWAY_FORMAT_DEPENDENCY_KIND_FILE = 1, /* One file. Its bytes are handed to `inspect`, which is then asked again, and to `render`. */
    SLIPWAY_FORMAT_DEPENDENCY_KIND_INDEX = 2, /* One file that says where others are, such as the index of a repository. It is read anew by each release and handed to `inspect` alone, which names with their digests the files that it found there. */
};

/*
 * What the artifact needs and does not hold. Release brings it; its digest is kept in the package.
 * reference:
 * As it is written there: `nginx:1.25` for an image; `oci://host/repository:tag` or `https://...`, both with
 * `#sha256:...` where the digest is known, or `./path` beside deploy.toml for a file; `https://...` for an index.
 * A path may hold templates: every file that fits is brought, each under its own path.
 * place:
 * Where it is written, for people.
 * format.dependency = [kind: format.dependency-kind, reference: text, place: text]
 */

/*
 * summary:
 * One line, for people.
 * facts:
 * What `render` will want to know; kept in the package.
 * notes:
 * What people should know of the artifact, a line each, such as what of it will not happen.
 * format.inspection = [summary: text, facts: types.json, dependencies: list<format.dependency>, notes: list<text>]
 */

/*
 * What release made of a dependency.
 * digest:
 * Of the image's manifest, or of the file's bytes.
 * pull:
 * What an image is pulled by from the deployment registry: `host/repository@sha256:...`.
 * format.resolved = [reference: text, digest: types.blob, pull: option<text>]
 */

/*
 * settings:
 * The settings with every template expanded.
 * config:
 * The paths of the final configuration files.
 * target:
 * The settings of the environment's target as deploy.toml has them: the objects of a cluster want to know of
 * their namespace. Empty where there is no environment.
 * format.render-input = [service: text, environment: text, artifact: format.artifact, facts: types.json, settings: types.json, config: list<text>, resolved: list<format.resolved>, target: types.json]
 */

/*
 * Where a final value came from: both are JSON pointers.
 * format.origin = [file: text, pointer: text, setting: text]
 */

/*
 * Something that a target can run.
 * kind:
 * What a target must understand, such as `process`.
 * file:
 * The file among `files` that says everything.
 * exclusive:
 * Why two revisions cannot run side by side, if they cannot.
 * format.workload = [kind: text, file: text, instances: u32, ports: list<text>, exclusive: option<text>]
 */

/*
 * notes:
 * As those of `inspection`, of one environment.
 * format.rendered = [files: list<types.file>, workload: option<format.workload>, origins: list<format.origin>, notes: list<text>]
 */

/*
 * Called once after loading. Has no effects.
 * in:  []
 * out: format.format-description
 */
#define SLIPWAY_FORMAT_VERB_DESCRIBE "describe"

/*
 * Release: what is this artifact, and is it sound? Once per artifact and digest; and again with all that was brought
 * for it while it names files that it has not seen: the last answer counts.
 * in:  [artifact: format.artifact, brought: list<format.resolved>]
 * out: result<format.inspection, types.failure>
 */
#define SLIPWAY_FORMAT_VERB_INSPECT "inspect"

/*
 * Release: what the package must hold besides the artifact and the configuration.
 * in:  [artifact: format.artifact, facts: types.json]
 * out: result<list<types.file>, types.failure>
 */
#define SLIPWAY_FORMAT_VERB_ASSEMBLE "assemble"

/*
 * Adapt: the deployment files of one environment. Pure: the same input gives the same bytes.
 * in:  [input: format.render-input]
 * out: result<format.rendered, types.failure>
 */
#define SLIPWAY_FORMAT_VERB_RENDER "render"

/*
 * What `render` makes of it, as people of this format read it, such as YAML. For `slipway render`; needs nothing
 * resolved. Pure.
 * in:  [input: format.render-input]
 * out: result<bytes, types.failure>
 */
#define SLIPWAY_FORMAT_VERB_SHOW "show"

/* ----------------------------------------------------------------------------------------------------------------
 * The verbs of a target, which the plugin carries out.
 * Runs instances at one kind of place. Every verb may be called again at any time after an interruption, and is then answered
 * from the record up to where it was: `start` and `stop` of what is already so change nothing.
 */

/*
 * workloads:
 * The kinds of workload that it runs.
 * target.target-description = [name: text, version: text, summary: text, settings-schema: types.json, workloads: list<text>, needs: list<types.need>]
 */

/*
 * What can be done at one place.
 * side-by-side:
 * Can two revisions run beside each other?
 * in-place:
 * Does `start` put an instance in the place of the one of another revision, without `stop`?
 * hold:
 * Can what `start` has begun be held where it is? Only then `hold` is called.
 * guard:
 * Can it come back by itself to what ran, when nobody is heard from any more? Only then `guard` is called.
 * execute:
 * Can it run a program once, as an instance would? Only then `execute` and `dismiss` are called.
 * target.place-abilities = [side-by-side: bool, in-place: bool, hold: bool, guard: bool, execute: bool]
 */

/*
 * The granted folder `deployment` is that of the instance's revision.
 * name:
 * `SERVICE-ENVIRONMENT-REVISION-N`: the last is its number among those of its revision, from 1.
 * workload:
 * The workload's file in the folder `deployment`.
 * back:
 * It ran here before and is brought back: by the way back of a run, or by a person. Never true in `plan`.
 * target.instance-spec = [name: text, revision: text, artifact: text, blob: types.blob, workload: text, back: bool]
 */

/*
 * `partial`: it takes the place of another step by step, and the step that was begun stands well. Another `start` goes
 * one step further; one of the other instance goes back.
 * target.instance-state = the number of a case, or [it, what it holds]
 */
enum slipway_target_instance_state {
    SLIPWAY_TARGET_INSTANCE_STATE_STARTING = 0,
    SLIPWAY_TARGET_INSTANCE_STATE_PARTIAL = 1,
    SLIPWAY_TARGET_INSTANCE_STATE_HEALTHY = 2,
    SLIPWAY_TARGET_INSTANCE_STATE_UNHEALTHY = 3,
    SLIPWAY_TARGET_INSTANCE_STATE_FAILED = 4,
    SLIPWAY_TARGET_INSTANCE_STATE_STOPPING = 5,
    SLIPWAY_TARGET_INSTANCE_STATE_STOPPED = 6,
};

/*
 * The address is `host:port`, or `ENDPOINT:/PATH` for what is reached through an endpoint of the call.
 * target.port = [name: text, address: text]
 */

/*
 * since:
 * Milliseconds since 1970 at which the state began, if known.
 * detail:
 * Why it is not healthy: cause first, then the last lines of its log.
 * target.instance = [name: text, revision: text, state: target.instance-state, ports: list<target.port>, since: option<u64>, restarts: u32, detail: text]
 */

/*
 * An instance as it was seen; none if it is not there.
 * next:
 * From where a change of it can be waited for; empty where a target cannot wait.
 * target.probed = [instance: option<target.instance>, next: text]
 */

/*
 * A program that runs once with what an instance of a revision has: its artifact, configuration, environment and secrets.
 * name:
 * The place knows it by this name, which no other task ever has.
 * workload:
 * The workload's file in the folder `deployment`, which is that of the task's revision.
 * part:
 * Which part of the workload, in the target's own words; empty where nobody has said.
 * run:
 * Program and arguments, in the place of the workload's own and understood as these are.
 * variables:
 * More environment variables, over the workload's own.
 * timeout-ms:
 * The place ends it when it has run for so long, also when nobody is there who asks.
 * target.task = [name: text, revision: text, artifact: text, blob: types.blob, workload: text, part: text, run: list<text>, variables: list<[text, text]>, timeout-ms: u64]
 */

/*
 * How a task has ended.
 * code:
 * None if it did not end by itself, or nobody saw how.
 * why:
 * Why there is no code, for a person; empty where there is one.
 * said:
 * The end of what it said, at most 4 KiB.
 * target.ended = [code: option<s32>, why: text, said: text]
 */

/*
 * target.change-kind = the number of a case, or [it, what it holds]
 */
enum slipway_target_change_kind {
    SLIPWAY_TARGET_CHANGE_KIND_CREATE = 0,
    SLIPWAY_TARGET_CHANGE_KIND_KEEP = 1,
    SLIPWAY_TARGET_CHANGE_KIND_REPLACE = 2,
    SLIPWAY_TARGET_CHANGE_KIND_REMOVE = 3,
};

/*
 * `seen` is what was seen of the subject, such as its version: a saved plan is refused when it is another.
 * target.change = [kind: target.change-kind, subject: text, detail: text, seen: text]
 */

/*
 * Who has claimed a place.
 * ours:
 * The caller has it.
 * since:
 * Milliseconds since 1970.
 * token:
 * Another one whenever somebody else has had it in between.
 * target.holder = [ours: bool, by: text, since: option<u64>, token: text]
 */

/*
 * target.log-chunk = [content: bytes, next: text, end: bool]
 */

/*
 * Called once after loading. Has no effects.
 * in:  []
 * out: target.target-description
 */
#define SLIPWAY_TARGET_VERB_DESCRIBE "describe"

/*
 * What can be done at a place with these settings. Asked before anything else about it, once in each run and whenever somebody
 * looks; has no effects.
 * in:  [place: types.place]
 * out: result<target.place-abilities, types.failure>
 */
#define SLIPWAY_TARGET_VERB_ABILITIES "abilities"

/*
 * What runs there now, of this service in this environment. Asked for a plan, before a run changes anything, and whenever
 * somebody looks. Has only `read` effects.
 * in:  [place: types.place]
 * out: result<list<target.instance>, types.failure>
 */
#define SLIPWAY_TARGET_VERB_OBSERVE "observe"

/*
 * What would change if exactly these instances were to run. Asked once for each plan. Has only `read` effects.
 * in:  [place: types.place, desired: list<target.instance-spec>]
 * out: result<list<target.change>, types.failure>
 */
#define SLIPWAY_TARGET_VERB_PLAN "plan"

/*
 * Marks the place, for so many seconds, as changed by one writer, or renews the mark; 0 takes it away. Answers who has
 * it: where that is somebody else, nothing is marked. Called before a run looks at a place that it will change, and
 * again and again until it ends; not recorded, so it has only `read` and `idempotent` effects. A target whose places
 * nobody knows from another ledger needs no mark, and says so by answering none.
 * in:  [place: types.place, by: text, seconds: u32]
 * out: result<option<target.holder>, types.failure>
 */
#define SLIPWAY_TARGET_VERB_CLAIM "claim"

/*
 * Sets a dead man's switch, or renews it: unless it is renewed within so many seconds, the place brings back by itself
 * what ran when it was set, and refuses whoever would change it from then on, until 0 seconds take the switch away.
 * Answers, for a person, what came of one that had gone off before; such a one is not renewed. Called before a run
 * changes anything, and again and again until the revision is confirmed or the run ends; not always recorded, so it has
 * only `read` and `idempotent` effects.
 * in:  [place: types.place, seconds: u32]
 * out: result<option<text>, types.failure>
 */
#define SLIPWAY_TARGET_VERB_GUARD "guard"

/*
 * Begins to run an instance, or takes the next step of one that is `partial`; does not wait until it is healthy. Called once
 * for each instance and step.
 * in:  [place: types.place, instance: target.instance-spec]
 * out: result<[], types.failure>
 */
#define SLIPWAY_TARGET_VERB_START "start"

/*
 * Makes what others have deployed there an instance, as it runs and without restarting any of it; does not wait until
 * it is healthy. Where something would have to change for that it refuses, unless `changes` allows it. Answers what a
 * person should know: what is changed, and what is left to the others. A target that takes nothing over answers
 * `unsupported`.
 * in:  [place: types.place, instance: target.instance-spec, changes: bool]
 * out: result<list<target.change>, types.failure>
 */
#define SLIPWAY_TARGET_VERB_ADOPT "adopt"

/*
 * The state of one instance now. With `since`, what an earlier probe answered as `next`, it waits at most `wait-ms`
 * until something may have changed, and answers none if nothing has: so that a change is seen as it comes about,
 * and an instance is not asked for again and again. Has only `read` effects.
 * in:  [place: types.place, name: text, since: text, wait-ms: u32]
 * out: result<option<target.probed>, types.failure>
 */
#define SLIPWAY_TARGET_VERB_PROBE "probe"

/*
 * Holds what `start` has begun where it is, or lets it go on: while it is held no more of another instance is
 * replaced. Called when a run is paused in the midst of it, and when it goes on. A `start` lets go of it too.
 * in:  [place: types.place, name: text, on: bool]
 * out: result<[], types.failure>
 */
#define SLIPWAY_TARGET_VERB_HOLD "hold"

/*
 * Ends an instance and waits until it has ended; nothing there is no error. Its logs stay. Called once for each instance that
 * is to run no longer, when no user is sent to it any more.
 * in:  [place: types.place, name: text]
 * out: result<[], types.failure>
 */
#define SLIPWAY_TARGET_VERB_STOP "stop"

/*
 * The log of an instance after a cursor (empty: from the beginning), at most 1 MiB a call. Asked while people watch, during a
 * soak, and when a run collects what is archived. Has only `read` effects.
 * in:  [place: types.place, name: text, cursor: text]
 * out: result<target.log-chunk, types.failure>
 */
#define SLIPWAY_TARGET_VERB_LOGS "logs"

/*
 * Removes what a revision has left, when it is kept no longer and no instance of it runs. Called once at the end of a run for
 * each; nothing left is no error.
 * in:  [place: types.place, revision: text]
 * out: result<[], types.failure>
 */
#define SLIPWAY_TARGET_VERB_CLEANUP "cleanup"

/*
 * Begins a task unless the place knows one of its name already, waits at most `wait-ms`, and answers how it has ended, or
 * none if it still runs. Called again and again, by whichever process goes on with the run, with `begun` once a call was
 * answered: then it is never begun, and one that is not there any more is a failure, because a task must not run twice.
 * Has only `read` and `idempotent` effects.
 * in:  [place: types.place, task: target.task, begun: bool, wait-ms: u32]
 * out: result<option<target.ended>, types.failure>
 */
#define SLIPWAY_TARGET_VERB_EXECUTE "execute"

/*
 * Ends a task if it still runs, and removes what it has left. Called once it is recorded how it ended, and for one that
 * is to be waited for no longer; no `execute` of it comes after that.
 * in:  [place: types.place, task: target.task]
 * out: result<[], types.failure>
 */
#define SLIPWAY_TARGET_VERB_DISMISS "dismiss"

/* ----------------------------------------------------------------------------------------------------------------
 * The verbs of a router, which the plugin carries out.
 * Sends users to revisions by weight.
 */

/*
 * router.router-description = [name: text, version: text, summary: text, settings-schema: types.json, needs: list<types.need>]
 */

/*
 * What can be done at one place.
 * weights:
 * Can it send shares other than all or nothing?
 * preview:
 * Can it show one revision at an address of its own?
 * baseline:
 * Can it hold some instances of a share apart, with a weight of their own? Only then shares have a `baseline`.
 * router.place-abilities = [weights: bool, preview: bool, baseline: bool]
 */

/*
 * router.backend = [instance: text, address: text]
 */

/*
 * Some of a share's instances: together they get this much of its weight, and the others the rest. What comes to them is
 * counted with the label `group="baseline"`.
 * router.baseline = [weight: u32, instances: list<text>]
 */

/*
 * router.share = [revision: text, weight: u32, backends: list<router.backend>, baseline: option<router.baseline>]
 */

/*
 * preview:
 * The revision to show at the preview address.
 * router.routing = [shares: list<router.share>, preview: option<text>]
 */

/*
 * router.flow = [revision: text, instance: text, weight: u32, in-flight: u64]
 */

/*
 * address:
 * Where users come in, as host:port; none before the first `route`.
 * router.observed = [address: option<text>, preview-address: option<text>, flows: list<router.flow>]
 */

/*
 * router.log-chunk = [content: bytes, next: text, end: bool]
 */

/*
 * Called once after loading. Has no effects.
 * in:  []
 * out: router.router-description
 */
#define SLIPWAY_ROUTER_VERB_DESCRIBE "describe"

/*
 * What can be done at a place with these settings. Asked before anything else about it, once in each run and whenever somebody
 * looks; has no effects.
 * in:  [place: types.place]
 * out: result<router.place-abilities, types.failure>
 */
#define SLIPWAY_ROUTER_VERB_ABILITIES "abilities"

/*
 * The name of the port of an instance to send users to, from the settings. Asked when a plan is made and when a run begins;
 * has only `read` effects.
 * in:  [place: types.place]
 * out: result<text, types.failure>
 */
#define SLIPWAY_ROUTER_VERB_PORT "port"

/*
 * What is routed now; where there is nothing yet, nothing. Asked before a run changes it, and whenever somebody looks. Has only
 * `read` effects.
 * in:  [place: types.place]
 * out: result<router.observed, types.failure>
 */
#define SLIPWAY_ROUTER_VERB_OBSERVE "observe"

/*
 * The whole routing at once. Instances that are not named any more finish their requests and get no new ones. Called at each
 * step of a strategy, and again with the same routing after an interruption; the same changes nothing. It has come about
 * when this is answered.
 * in:  [place: types.place, routing: router.routing]
 * out: result<[], types.failure>
 */
#define SLIPWAY_ROUTER_VERB_ROUTE "route"

/*
 * How many requests are still under way at the instance of this name, which gets no new ones. Asked again and again until
 * there are none or patience ends, before it is stopped. Has only `read` effects.
 * in:  [place: types.place, instance: text]
 * out: result<u64, types.failure>
 */
#define SLIPWAY_ROUTER_VERB_DRAIN "drain"

/*
 * The access log after a cursor, at most 1 MiB a call. Empty: from the beginning; `end`: nothing, and where it ends now. Asked
 * while people watch, and when a run collects what is archived. Has only `read` effects.
 * in:  [place: types.place, cursor: text]
 * out: result<router.log-chunk, types.failure>
 */
#define SLIPWAY_ROUTER_VERB_LOGS "logs"

/*
 * Counters per revision, as Prometheus text. Asked during a soak, and when a run collects what is archived. Has only `read`
 * effects.
 * in:  [place: types.place]
 * out: result<text, types.failure>
 */
#define SLIPWAY_ROUTER_VERB_METRICS "metrics"

/*
 * Ends the route, where nobody shall come in any more; nothing there is no error. May be called again.
 * in:  [place: types.place]
 * out: result<[], types.failure>
 */
#define SLIPWAY_ROUTER_VERB_REMOVE "remove"

/* ----------------------------------------------------------------------------------------------------------------
 * The verbs of a check, which the plugin carries out.
 * Looks at a revision and says whether it is well: a functional check, or what an analysis takes its numbers from.
 */

/*
 * needs:
 * Endpoints and clusters: there is no more for it.
 * check.check-description = [name: text, version: text, summary: text, settings-schema: types.json, needs: list<types.need>]
 */

/*
 * check.port = [name: text, address: text]
 */

/*
 * check.instance = [name: text, ports: list<check.port>]
 */

/*
 * revision:
 * The digest (`sha256:...`) of the revision that is looked at.
 * stable:
 * The revision that users are on, where it is another.
 * instances:
 * What runs of the revision that is looked at. The addresses are for telling one from another: only endpoints are reached.
 * check.subject = [service: text, environment: text, revision: text, stable: option<text>, instances: list<check.instance>]
 */

/*
 * `inconclusive`: there is nothing to say, or not yet. It is no pass.
 * check.outcome = the number of a case, or [it, what it holds]
 */
enum slipway_check_outcome {
    SLIPWAY_CHECK_OUTCOME_PASSED = 0,
    SLIPWAY_CHECK_OUTCOME_FAILED = 1,
    SLIPWAY_CHECK_OUTCOME_INCONCLUSIVE = 2,
};

/*
 * Events out of all.
 * check.tally = [events: u64, total: u64]
 */

/*
 * message:
 * Why, in one line, for people; of more than 1,000 characters the rest is left out.
 * evidence:
 * What there is to show for it, a line each: the first 20 are kept, and of each 500 characters.
 * values:
 * What an analysis judges: measured values or tallies, at most 1,000 and not both. None where there is nothing to say.
 * check.finding = [outcome: check.outcome, message: text, evidence: list<text>, values: list<f64>, tallies: list<check.tally>]
 */

/*
 * Called once after loading. Has no effects.
 * in:  []
 * out: check.check-description
 */
#define SLIPWAY_CHECK_VERB_DESCRIBE "describe"

/*
 * Of a check: called once before users come, at each `interval` of a soak, and again as often as its `retries` say while it
 * does not pass; its outcome decides. Of an analysis: called each `every` of a soak, for the revision that is judged and for
 * the one that it is compared with; its numbers decide, unless it is inconclusive. A failure is no finding: nothing was seen,
 * and nothing passes. Has only `read` effects: any other ends the call. It has the time of one attempt, a minute.
 * in:  [settings: types.json, subject: check.subject]
 * out: result<check.finding, types.failure>
 */
#define SLIPWAY_CHECK_VERB_CHECK "check"

#ifdef __cplusplus
}
#endif

#endif
