"""Our seccomp profile for tenants and builds.

What a web application, its language runtime and its build need is allowed; what opens the kernel is refused with EPERM,
by name, so that programs fall back; what is unknown answers ENOSYS, as an older kernel would. Only the native
architecture is allowed: 32-bit calls would go round the argument filters.
Chromium's own sandbox and debuggers do not work under it.
"""

import json
from typing import Any

EPERM = 1
ENOSYS = 38
EAFNOSUPPORT = 97
EPROTONOSUPPORT = 93

ALLOWED = """
accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown chown32 clock_getres
clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range
connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait
epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2
fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync
fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate
ftruncate64 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat get_mempolicy
get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid
getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom
getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday
getuid getuid32 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy
io_getevents io_pgetevents io_setup io_submit ioctl ioprio_get ioprio_set ipc kill landlock_add_rule
landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listxattr llistxattr
_llseek lremovexattr lseek lsetxattr lstat lstat64 madvise map_shadow_stack membarrier memfd_create mincore mkdir
mkdirat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive
mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync
munlock munlockall munmap nanosleep newfstatat _newselect open openat openat2 pause pidfd_open pidfd_send_signal
pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64
process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv
recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr rename renameat renameat2 restart_syscall
riscv_flush_icache riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max
sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield
seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto
set_robust_list set_thread_area set_tid_address setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups
setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid
setreuid32 setrlimit setsid setsockopt setuid setuid32 setxattr shmat shmctl shmdt shmget shutdown sigaltstack
signalfd signalfd4 sigreturn socketpair splice stat stat64 statfs statfs64 statx symlink symlinkat sync
sync_file_range sync_file_range2 syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64
timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat utime
utimensat utimensat_time64 utimes vfork wait4 waitid waitpid write writev
"""

DENIED = """
acct add_key adjtimex bpf chroot clock_adjtime clock_adjtime64 clock_settime clock_settime64 create_module
delete_module fanotify_init fanotify_mark finit_module fsconfig fsmount fsopen fspick get_kernel_syms init_module
io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl listmount
listns lookup_dcookie lsm_set_self_attr mbind migrate_pages modify_ldt mount mount_setattr move_mount move_pages
name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_madvise
process_vm_readv process_vm_writev ptrace query_module quotactl quotactl_fd reboot request_key set_mempolicy
set_mempolicy_home_node setdomainname sethostname setns settimeofday statmount stime swapoff swapon sysfs _sysctl
syslog umount umount2 unshare uselib userfaultfd ustat vhangup vm86 vm86old vmsplice
"""

UNIX, INET, INET6, NETLINK = 1, 2, 10, 16
ROUTE = 0
LAST_FAMILY = 63
"""Above every address family a kernel knows; larger numbers are refused by comparison."""

NAMESPACE_FLAGS = {
    "CLONE_NEWNS": 0x00020000,
    "CLONE_NEWCGROUP": 0x02000000,
    "CLONE_NEWUTS": 0x04000000,
    "CLONE_NEWIPC": 0x08000000,
    "CLONE_NEWUSER": 0x10000000,
    "CLONE_NEWPID": 0x20000000,
    "CLONE_NEWNET": 0x40000000,
}

FILE_TYPE = 0xF000
PLAIN_TYPES = {"regular, type left out": 0, "fifo": 0x1000, "regular": 0x8000, "socket": 0xC000}
DEVICE_TYPES = {"character device": 0x2000, "block device": 0x6000}

ARCHITECTURES = ["X86_64", "AARCH64", "RISCV64", "PPC64LE"]
"""Where clone takes its flags first; others need their own argument index."""


def profile() -> dict[str, Any]:
    """The profile as Podman reads it."""
    rules: list[dict[str, Any]] = [
        _allow(ALLOWED.split()),
        _refuse(DENIED.split(), EPERM),
        _refuse(["clone3", "socketcall"], ENOSYS),
    ]
    rules += _socket_rules()
    flags = sum(NAMESPACE_FLAGS.values())
    rules.append(_allow(["clone"], _arg(0, "MASKED_EQ", flags, 0)))
    rules += [_refuse(["clone"], EPERM, _arg(0, "MASKED_EQ", flag, flag)) for flag in NAMESPACE_FLAGS.values()]
    for name, index in (("mknod", 1), ("mknodat", 2)):
        rules += [_allow([name], _arg(index, "MASKED_EQ", FILE_TYPE, kind)) for kind in PLAIN_TYPES.values()]
        rules += [_refuse([name], EPERM, _arg(index, "MASKED_EQ", FILE_TYPE, kind)) for kind in DEVICE_TYPES.values()]
    personalities = (0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)
    rules += [_allow(["personality"], _arg(0, "EQ", value)) for value in personalities]
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": ENOSYS,
        "archMap": [{"architecture": f"SCMP_ARCH_{name}", "subArchitectures": []} for name in ARCHITECTURES],
        "syscalls": rules,
    }


def render() -> str:
    """The profile's file, the same text each time."""
    return json.dumps(profile(), indent=1) + "\n"


def _socket_rules() -> list[dict[str, Any]]:
    rules = [_allow(["socket"], _arg(0, "EQ", family)) for family in (UNIX, INET, INET6)]
    rules.append(_allow(["socket"], _arg(0, "EQ", NETLINK), _arg(2, "EQ", ROUTE)))
    rules.append(_refuse(["socket"], EPROTONOSUPPORT, _arg(0, "EQ", NETLINK), _arg(2, "NE", ROUTE)))
    rules += [
        _refuse(["socket"], EAFNOSUPPORT, _arg(0, "EQ", family))
        for family in range(LAST_FAMILY + 1)
        if family not in {UNIX, INET, INET6, NETLINK}
    ]
    rules.append(_refuse(["socket"], EAFNOSUPPORT, _arg(0, "GT", LAST_FAMILY)))
    return rules


def _allow(names: list[str], *args: dict[str, Any]) -> dict[str, Any]:
    return {"names": names, "action": "SCMP_ACT_ALLOW", "args": list(args)}


def _refuse(names: list[str], errno: int, *args: dict[str, Any]) -> dict[str, Any]:
    return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": errno, "args": list(args)}


def _arg(index: int, operator: str, value: int, second: int = 0) -> dict[str, Any]:
    return {"index": index, "value": value, "valueTwo": second, "op": f"SCMP_CMP_{operator}"}
