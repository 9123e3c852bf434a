;; WASI preview 1 for a plugin in Go, closed: no files or network; one argument, the name; one variable, for Go's runtime alone; a
;; clock that moves only when it is read; the same random numbers every time. What Go prints to standard error becomes lines of the
;; plugin's log.
;;
;; Go's runtime imports preview 1 and nothing else can take its place. The usual adapter would make WASI preview 2 of
;; it, which a plugin may not import, and traps besides: the collector reads the clock inside `cabi_realloc`. So this
;; is the whole system that a Go plugin sees, and it is built into the component.
(module
  (import "slipway:plugin/log@0.1.0" "emit" (func $emit (param $level i32) (param $text i32) (param $length i32)))
  (import "env" "memory" (memory 0))

  ;; Nanoseconds since 1970; each reading is one later than the one before. Not more: the collector reads the clock
  ;; much while it works, and would take that for time that it has lost, and stop helping.
  (global $now (mut i64) (i64.const 1700000000000000000))
  ;; The state of a xorshift generator.
  (global $random (mut i64) (i64.const 88172645463325252))

  ;; errno: 8 is "no such descriptor", 76 is "not allowed".

  ;; That a program has a name, libraries take for granted: "plugin", in two halves that meet in the `g`.
  (func (export "args_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 1))
    (i32.store (local.get $bytes) (i32.const 7))
    (i32.const 0))
  (func (export "args_get") (param $list i32) (param $text i32) (result i32)
    (i32.store (local.get $list) (local.get $text))
    (i32.store (local.get $text) (i32.const 0x67756c70))
    (i32.store offset=3 (local.get $text) (i32.const 0x006e6967))
    (i32.const 0))
  ;; `GOTRACEBACK=none`: what Go's runtime says when it gives up comes a word a line, and stacks would drown what it is about.
  (func (export "environ_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 1))
    (i32.store (local.get $bytes) (i32.const 17))
    (i32.const 0))
  (func (export "environ_get") (param $list i32) (param $text i32) (result i32)
    (i32.store (local.get $list) (local.get $text))
    (i64.store (local.get $text) (i64.const 0x4245434152544f47))
    (i64.store offset=8 (local.get $text) (i64.const 0x656e6f6e3d4b4341))
    (i32.store8 offset=16 (local.get $text) (i32.const 0))
    (i32.const 0))

  (func (export "sched_yield") (result i32) (i32.const 0))
  ;; A plugin that ends itself has given up.
  (func (export "proc_exit") (param i32) unreachable)

  (func $tick (result i64)
    (global.set $now (i64.add (global.get $now) (i64.const 1)))
    (global.get $now))
  (func (export "clock_time_get") (param $clock i32) (param $precision i64) (param $to i32) (result i32)
    (i64.store (local.get $to) (call $tick))
    (i32.const 0))
  (func (export "clock_res_get") (param $clock i32) (param $to i32) (result i32)
    (i64.store (local.get $to) (i64.const 1))
    (i32.const 0))

  (func (export "random_get") (param $to i32) (param $length i32) (result i32) (local $x i64)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $length)))
        (local.set $x (global.get $random))
        (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
        (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
        (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
        (global.set $random (local.get $x))
        (i32.store8 (local.get $to) (i32.wrap_i64 (local.get $x)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  ;; Standard output and error are lines of the log, as warnings (level 2): only the runtime and libraries print.
  (func (export "fd_write") (param $fd i32) (param $vectors i32) (param $count i32) (param $to i32) (result i32)
    (local $total i32) (local $length i32)
    (if (i32.gt_u (local.get $fd) (i32.const 2)) (then (return (i32.const 8))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $length (i32.load offset=4 (local.get $vectors)))
        (call $emit (i32.const 2) (i32.load (local.get $vectors)) (local.get $length))
        (local.set $total (i32.add (local.get $total) (local.get $length)))
        (local.set $vectors (i32.add (local.get $vectors) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.store (local.get $to) (local.get $total))
    (i32.const 0))

  ;; Every subscription has happened at once: a sleep is over when it begins, and the time that it asked for has passed.
  ;; A subscription has 48 bytes: what to hand back at 0, its kind at 8 (0 is the clock), how long at 24, and at 40 whether
  ;; that is a time of its own (1) or from now on. An event has 32: what to hand back at 0, error and kind at 8, then what
  ;; a descriptor would say.
  (func (export "poll_oneoff") (param $in i32) (param $out i32) (param $count i32) (param $to i32) (result i32)
    (local $done i32) (local $until i64)
    (block $all
      (loop $next
        (br_if $all (i32.ge_u (local.get $done) (local.get $count)))
        (if (i32.eqz (i32.load8_u offset=8 (local.get $in)))
          (then
            (local.set $until (i64.load offset=24 (local.get $in)))
            (if (i32.eqz (i32.and (i32.load16_u offset=40 (local.get $in)) (i32.const 1)))
              (then (local.set $until (i64.add (local.get $until) (global.get $now)))))
            (if (i64.gt_u (local.get $until) (global.get $now))
              (then (global.set $now (local.get $until))))))
        (i64.store (local.get $out) (i64.load (local.get $in)))
        (i64.store offset=8 (local.get $out)
          (i64.shl (i64.extend_i32_u (i32.load8_u offset=8 (local.get $in))) (i64.const 16)))
        (i64.store offset=16 (local.get $out) (i64.const 0))
        (i64.store offset=24 (local.get $out) (i64.const 0))
        (local.set $in (i32.add (local.get $in) (i32.const 48)))
        (local.set $out (i32.add (local.get $out) (i32.const 32)))
        (local.set $done (i32.add (local.get $done) (i32.const 1)))
        (br $next)))
    (i32.store (local.get $to) (local.get $count))
    (i32.const 0))

  ;; No descriptor is open, no path leads anywhere, and there is nobody to talk to. A component keeps of these what its
  ;; module imports.
  (func (export "fd_advise") (param i32 i64 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_allocate") (param i32 i64 i64) (result i32) (i32.const 8))
  (func (export "fd_close") (param i32) (result i32) (i32.const 8))
  (func (export "fd_datasync") (param i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_rights") (param i32 i64 i64) (result i32) (i32.const 8))
  (func (export "fd_filestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_filestat_set_size") (param i32 i64) (result i32) (i32.const 8))
  (func (export "fd_filestat_set_times") (param i32 i64 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_readdir") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_renumber") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_sync") (param i32) (result i32) (i32.const 8))
  (func (export "fd_tell") (param i32 i32) (result i32) (i32.const 8))
  (func (export "sock_accept") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "sock_recv") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "sock_send") (param i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "sock_shutdown") (param i32 i32) (result i32) (i32.const 8))
  (func (export "path_create_directory") (param i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_filestat_set_times") (param i32 i32 i32 i32 i64 i64 i32) (result i32) (i32.const 76))
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) (i32.const 76))
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32) (i32.const 76))
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32) (i32.const 76))
  (func (export "proc_raise") (param i32) (result i32) (i32.const 76)))
