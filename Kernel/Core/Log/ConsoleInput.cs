namespace GuestOS.Kernel.Core;

/// <summary>
/// Bytes typed at the console. The kernel's own console reads them raw; a program that reads its standard input gets whole lines with
/// echo, backspace and end of file by Ctrl-D. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class ConsoleInput
{
    private const int Capacity = 1024;
    private const byte EndOfFile = 4;
    private const byte Backspace = 8;
    private const byte Delete = 127;

    private struct Storage
    {
        public fixed byte Raw[Capacity];
        public fixed byte Line[Capacity];
    }

    private static Storage s_storage;
    private static uint s_start, s_count;
    private static int s_lineLength, s_lineRead;
    private static bool s_lineDone;
    private static byte s_waitMarker;

    /// <summary>Handle of the serial port's interrupt; 0 before <see cref="Start"/>.</summary>
    public static int InterruptHandle;

    public static ulong LostBytes;

    public static bool HasLine => s_lineDone;

    /// <summary>Connects COM1's interrupt.</summary>
    public static void Start()
    {
        if (!KernelLog.HasPort)
            return;
        const uint com1Irq = 4;
        long handle = Interrupts.Open(com1Irq, InterruptFlags.Isa);
        if (handle < 0)
            return;
        InterruptHandle = (int)handle;
        Interrupts.Unmask(InterruptHandle);
        KernelLog.EnableInput();
    }

    /// <summary>The serial port has interrupted: takes all it has.</summary>
    public static void Receive()
    {
        while (KernelLog.TryReadInput(out byte value))
            Add(value);
    }

    /// <summary>One byte from any input device.</summary>
    public static void Add(byte value)
    {
        if (s_count == Capacity)
        {
            LostBytes++;
            return;
        }

        fixed (byte* raw = s_storage.Raw)
            raw[(s_start + s_count) % Capacity] = value;
        s_count++;
        fixed (byte* marker = &s_waitMarker)
            WaitQueue.WakeAll(WaitKind.Console, marker);
    }

    public static long ReadRaw(Thread* thread, byte* destination, ulong length)
    {
        if (s_count == 0 && length != 0)
            return Wait(thread);
        ulong done = 0;
        for (; done < length && s_count != 0; done++)
            destination[done] = Take();
        return (long)done;
    }

    public static long ReadLine(Thread* thread, byte* destination, ulong length)
    {
        while (!s_lineDone && s_count != 0)
            Edit(Take());
        if (!s_lineDone)
            return Wait(thread);
        long done = 0;
        fixed (byte* line = s_storage.Line)
        {
            for (; done < (long)length && s_lineRead < s_lineLength; done++)
                destination[done] = line[s_lineRead++];
        }

        if (s_lineRead == s_lineLength)
        {
            s_lineDone = false;
            s_lineLength = 0;
            s_lineRead = 0;
        }

        return done;
    }

    private static void Edit(byte value)
    {
        fixed (byte* line = s_storage.Line)
        {
            switch (value)
            {
                case (byte)'\r' or (byte)'\n':
                    line[s_lineLength++] = (byte)'\n';
                    s_lineDone = true;
                    KernelLog.Console(line + s_lineLength - 1, 1);
                    break;
                case EndOfFile:
                    s_lineDone = true;
                    break;
                case Backspace or Delete:
                    if (s_lineLength == 0)
                        break;
                    s_lineLength--;
                    Erase();
                    break;
                default:
                    if (s_lineLength >= Capacity - 1 || value < ' ')
                        break;
                    line[s_lineLength++] = value;
                    KernelLog.Console(line + s_lineLength - 1, 1);
                    break;
            }
        }
    }

    private static void Erase()
    {
        fixed (byte* erase = "\b \b"u8)
            KernelLog.Console(erase, 3);
    }

    private static byte Take()
    {
        byte value;
        fixed (byte* raw = s_storage.Raw)
            value = raw[s_start];
        s_start = (s_start + 1) % Capacity;
        s_count--;
        return value;
    }

    private static long Wait(Thread* thread)
    {
        fixed (byte* marker = &s_waitMarker)
            return WaitQueue.BlockAndRepeat(thread, WaitKind.Console, marker);
    }
}
