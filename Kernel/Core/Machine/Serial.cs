namespace GuestOS.Kernel.Core;

/// <summary>16550-compatible serial ports (National Semiconductor PC16550D data sheet), polled on output. Callers hold the port's lock.</summary>
internal static unsafe class Serial
{
    /// <summary>COM1: ISA interrupt 4.</summary>
    public const ushort Com1 = 0x3F8;

    /// <summary>COM2: ISA interrupt 3.</summary>
    public const ushort Com2 = 0x2F8;

    private const ushort Data = 0;
    private const ushort InterruptEnable = 1;
    private const ushort FifoControl = 2;
    private const ushort InterruptIdentity = 2;
    private const ushort LineControl = 3;
    private const ushort ModemControl = 4;
    private const ushort LineStatus = 5;
    private const ushort ModemStatus = 6;
    private const ushort Scratch = 7;

    private const byte EightBitsNoParity = 0x03;
    private const byte DivisorAccess = 0x80;
    private const byte DataReady = 0x01;
    private const byte LineErrorBits = 0x1E;
    private const byte FifoEmpty = 0x20;
    private const byte TransmitterIdle = 0x40;
    private const byte Loopback = 0x10;

    // DTR, RTS and OUT2, which lets the interrupt out of the port on PCs.
    private const byte ModemReady = 0x0B;
    private const byte FifoEnableAndClear = 0x07;
    private const byte FifosOn = 0xC0;

    // 115200 baud is the highest rate: divisor 1. A FIFO drains in 1.4 ms, under a hypervisor when whoever reads it has room.
    private const byte Divisor = 1;
    private const ulong DrainSeconds = 1;

    // An I/O read takes about 1 µs on a machine, up to 100 µs under a hypervisor: before the time-stamp counter is calibrated, tries are counted.
    private const int DrainTries = 200_000;
    private const int LoopbackBound = 10_000;

    /// <summary>Looks for a port and sets it to 115200 baud, 8 bits, no parity, 1 stop bit, no interrupts. False: there is none.</summary>
    public static bool Probe(ref SerialPort port, ushort firstPort)
    {
        port = default;
        // A missing device reads as ones, or does not keep what is written.
        if (Cpu.In8((ushort)(firstPort + LineStatus)) == 0xFF)
            return false;
        Cpu.Out8((ushort)(firstPort + LineControl), EightBitsNoParity);
        if (!Keeps((ushort)(firstPort + InterruptEnable), 0x0F) || !Keeps((ushort)(firstPort + InterruptEnable), 0))
            return false;
        bool scratch = Keeps((ushort)(firstPort + Scratch), 0x5A);

        Cpu.Out8((ushort)(firstPort + InterruptEnable), 0);
        Cpu.Out8((ushort)(firstPort + LineControl), DivisorAccess | EightBitsNoParity);
        Cpu.Out8((ushort)(firstPort + Data), Divisor);
        Cpu.Out8((ushort)(firstPort + InterruptEnable), 0);
        Cpu.Out8((ushort)(firstPort + LineControl), EightBitsNoParity);
        Cpu.Out8((ushort)(firstPort + FifoControl), FifoEnableAndClear);
        bool fifo = (Cpu.In8((ushort)(firstPort + InterruptIdentity)) & FifosOn) == FifosOn;
        // One of the two may be missing: the first chips had no scratch register, some virtual machines have no loopback.
        if (!PassesLoopback(firstPort) && !scratch)
            return false;

        Cpu.Out8((ushort)(firstPort + ModemControl), ModemReady);
        port.Base = firstPort;
        port.Depth = (byte)(fifo ? SerialPort.MostDepth : 1);
        return true;
    }

    /// <summary>
    /// Takes bytes to write, and hands them to the transmitter by the FIFO load: each look at the line's status is an exit to a hypervisor.
    /// What is less than a load waits for more, or for <see cref="Flush"/>.
    /// </summary>
    public static void Put(ref SerialPort port, byte* bytes, ulong length)
    {
        if (!port.Present)
            return;
        for (ulong i = 0; i < length; i++)
        {
            port.Pending[port.PendingCount++] = bytes[i];
            if (port.PendingCount == port.Depth)
                Flush(ref port);
        }
    }

    /// <summary>Hands over what waits. Waits at most a bounded time for the transmitter; what a stuck port does not take is counted and dropped.</summary>
    public static void Flush(ref SerialPort port)
    {
        if (port.PendingCount == 0)
            return;
        if (WaitFor(ref port, FifoEmpty))
        {
            for (int i = 0; i < port.PendingCount; i++)
                Cpu.Out8(port.Base, port.Pending[i]);
        }
        else
        {
            port.Dropped += port.PendingCount;
        }

        port.PendingCount = 0;
    }

    /// <summary>Waits until the last byte has left, for example before the machine is switched off. Bounded.</summary>
    public static void Drain(ref SerialPort port)
    {
        if (!port.Present)
            return;
        Flush(ref port);
        WaitFor(ref port, TransmitterIdle);
    }

    /// <summary>Lets received bytes interrupt.</summary>
    public static void EnableReceiveInterrupt(ref SerialPort port)
    {
        if (!port.Present)
            return;
        Cpu.Out8((ushort)(port.Base + InterruptEnable), 1);
        // Reading clears conditions that were pending before.
        Cpu.In8((ushort)(port.Base + InterruptIdentity));
        Cpu.In8((ushort)(port.Base + ModemStatus));
    }

    /// <summary>Next received byte; false when there is none. Bytes with line errors are counted and skipped, overruns only counted.</summary>
    public static bool TryRead(ref SerialPort port, out byte value)
    {
        value = 0;
        if (!port.Present)
            return false;
        // As many tries as a FIFO of damaged bytes needs.
        for (int i = 0; i < 17; i++)
        {
            byte status = Cpu.In8((ushort)(port.Base + LineStatus));
            if ((status & DataReady) == 0 || status == 0xFF)
                return false;
            value = Cpu.In8(port.Base);
            if ((status & LineErrorBits) == 0)
                return true;
            port.LineErrors++;
            // Overrun alone: an earlier byte was lost, this one is good.
            if ((status & LineErrorBits) == 0x02)
                return true;
        }

        return false;
    }

    private static bool Keeps(ushort register, byte value)
    {
        Cpu.Out8(register, value);
        return Cpu.In8(register) == value;
    }

    private static bool WaitFor(ref SerialPort port, byte condition)
    {
        ushort status = (ushort)(port.Base + LineStatus);
        ulong start = Cpu.ReadTsc();
        ulong patience = TscCalibration.TscFrequency * DrainSeconds;
        for (int tries = port.Stuck ? 1 : DrainTries; tries > 0; tries--)
        {
            if ((Cpu.In8(status) & condition) != 0)
            {
                port.Stuck = false;
                return true;
            }

            if (patience != 0 && Cpu.ReadTsc() - start > patience)
                break;
            Cpu.Pause();
        }

        port.Stuck = true;
        return false;
    }

    // In loopback the transmitter feeds the receiver, and nothing reaches the line.
    private static bool PassesLoopback(ushort firstPort)
    {
        Cpu.Out8((ushort)(firstPort + ModemControl), Loopback | ModemReady);
        bool passed = false;
        Cpu.Out8(firstPort, 0xAE);
        for (int i = 0; i < LoopbackBound && !passed; i++)
        {
            if ((Cpu.In8((ushort)(firstPort + LineStatus)) & DataReady) != 0)
            {
                passed = Cpu.In8(firstPort) == 0xAE;
                break;
            }
        }

        Cpu.Out8((ushort)(firstPort + ModemControl), 0);
        Cpu.Out8((ushort)(firstPort + FifoControl), FifoEnableAndClear);
        return passed;
    }
}
