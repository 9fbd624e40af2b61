namespace GuestOS.Kernel.Core;

/// <summary>Numbers of Linux x86-64 (arch/x86/entry/syscalls/syscall_64.tbl), each with the caller that needs it.</summary>
internal static class LinuxCall
{
    /// <summary>Runtime: wake-up pipes, /proc files; base library: console input, files.</summary>
    public const ulong Read = 0;

    /// <summary>Runtime: fatal messages, pipes; base library: console output.</summary>
    public const ulong Write = 1;
    public const ulong Open = 2;
    public const ulong Close = 3;

    /// <summary>Base library: File.Exists and friends.</summary>
    public const ulong Stat = 4;
    public const ulong FStat = 5;
    public const ulong LStat = 6;

    /// <summary>Base library: terminal and socket helpers.</summary>
    public const ulong Poll = 7;

    /// <summary>Base library: FileStream.</summary>
    public const ulong LSeek = 8;

    /// <summary>C library and GC: all memory.</summary>
    public const ulong MMap = 9;

    /// <summary>GC: commit and decommit; C library: stack guards.</summary>
    public const ulong MProtect = 10;
    public const ulong MUnmap = 11;
    public const ulong Brk = 12;

    /// <summary>Runtime: fault and suspension handlers.</summary>
    public const ulong RtSigaction = 13;
    public const ulong RtSigprocmask = 14;
    public const ulong RtSigreturn = 15;

    /// <summary>C library: isatty by TCGETS.</summary>
    public const ulong Ioctl = 16;

    /// <summary>Base library: RandomAccess.Read.</summary>
    public const ulong PRead64 = 17;
    public const ulong PWrite64 = 18;
    public const ulong ReadV = 19;

    /// <summary>C library: the text of a failed assertion or abort.</summary>
    public const ulong WriteV = 20;
    public const ulong Access = 21;
    public const ulong Pipe = 22;

    /// <summary>Runtime and base library: spin waits.</summary>
    public const ulong SchedYield = 24;
    public const ulong MRemap = 25;

    /// <summary>GC: DONTNEED for decommitted pages, DONTDUMP for reservations.</summary>
    public const ulong MAdvise = 28;

    /// <summary>Base library: SafeFileHandle of the standard streams.</summary>
    public const ulong Dup = 32;
    public const ulong Dup2 = 33;
    public const ulong NanoSleep = 35;
    public const ulong GetPid = 39;

    /// <summary>C library: pthread_create.</summary>
    public const ulong Clone = 56;
    public const ulong Exit = 60;

    /// <summary>C library: raise of fatal signals.</summary>
    public const ulong Kill = 62;

    /// <summary>Base library: Environment.OSVersion.</summary>
    public const ulong Uname = 63;
    public const ulong Fcntl = 72;

    /// <summary>Base library: FileShare.</summary>
    public const ulong FLock = 73;
    public const ulong FSync = 74;
    public const ulong FDataSync = 75;
    public const ulong Truncate = 76;
    public const ulong FTruncate = 77;

    /// <summary>Base library: Environment.CurrentDirectory, relative paths.</summary>
    public const ulong GetCwd = 79;
    public const ulong Rename = 82;
    public const ulong MkDir = 83;
    public const ulong RmDir = 84;
    public const ulong Unlink = 87;

    /// <summary>Runtime: /proc/self/exe.</summary>
    public const ulong ReadLink = 89;
    public const ulong ChMod = 90;
    public const ulong GetTimeOfDay = 96;
    public const ulong GetRLimit = 97;

    /// <summary>Base library: processor times.</summary>
    public const ulong GetRUsage = 98;

    /// <summary>C library: qsort's and malloc's idea of memory.</summary>
    public const ulong SysInfo = 99;
    public const ulong GetUid = 102;
    public const ulong GetGid = 104;
    public const ulong GetEUid = 107;
    public const ulong GetEGid = 108;
    public const ulong GetPPid = 110;
    public const ulong GetPgid = 121;
    public const ulong GetSid = 124;
    public const ulong SigAltStack = 131;

    /// <summary>Runtime: is /sys/fs/cgroup a cgroup file system? It is not there.</summary>
    public const ulong StatFs = 137;
    public const ulong GetPriority = 140;
    public const ulong SchedGetParam = 143;
    public const ulong SchedGetScheduler = 145;

    /// <summary>C library: thread names.</summary>
    public const ulong Prctl = 157;

    /// <summary>C library: FS base of the first thread.</summary>
    public const ulong ArchPrctl = 158;
    public const ulong GetTid = 186;
    public const ulong TKill = 200;
    public const ulong Time = 201;

    /// <summary>C library: every lock, condition and join.</summary>
    public const ulong Futex = 202;
    public const ulong SchedSetAffinity = 203;

    /// <summary>Runtime: Environment.ProcessorCount.</summary>
    public const ulong SchedGetAffinity = 204;

    /// <summary>Base library: Directory.EnumerateFiles.</summary>
    public const ulong GetDents64 = 217;

    /// <summary>C library: start of the first thread.</summary>
    public const ulong SetTidAddress = 218;

    /// <summary>Base library: FileOptions.SequentialScan.</summary>
    public const ulong FAdvise64 = 221;

    /// <summary>Everything that measures time.</summary>
    public const ulong ClockGetTime = 228;
    public const ulong ClockGetRes = 229;
    public const ulong ClockNanoSleep = 230;
    public const ulong ExitGroup = 231;

    /// <summary>Runtime: suspension of a thread for the GC; C library: abort.</summary>
    public const ulong TgKill = 234;

    /// <summary>GC: NUMA nodes. ENOSYS means that there is one.</summary>
    public const ulong GetMemPolicy = 239;
    public const ulong OpenAt = 257;
    public const ulong MkDirAt = 258;
    public const ulong NewFStatAt = 262;
    public const ulong UnlinkAt = 263;
    public const ulong RenameAt = 264;
    public const ulong ReadLinkAt = 267;
    public const ulong FChModAt = 268;
    public const ulong FAccessAt = 269;
    public const ulong SetRobustList = 273;
    public const ulong UTimeNsAt = 280;
    public const ulong Dup3 = 292;

    /// <summary>Runtime and base library: signal handling pipe.</summary>
    public const ulong Pipe2 = 293;
    public const ulong PReadV = 295;

    /// <summary>C library: stack size; base library: file descriptor limit.</summary>
    public const ulong PrLimit64 = 302;

    /// <summary>GC: heap of the current processor.</summary>
    public const ulong GetCpu = 309;
    public const ulong RenameAt2 = 316;

    /// <summary>C library: stack protector and malloc keys; base library: random numbers.</summary>
    public const ulong GetRandom = 318;

    /// <summary>GC: flush of other processors' write buffers before suspension.</summary>
    public const ulong MemBarrier = 324;
    public const ulong Statx = 332;
    public const ulong Rseq = 334;
    public const ulong Clone3 = 435;
    public const ulong FAccessAt2 = 439;
}
