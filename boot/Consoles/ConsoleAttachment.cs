using GuestOS.Boot.Hosts;
using Microsoft.Win32.SafeHandles;

namespace GuestOS.Boot.Consoles;

/// <summary>Joins this program's terminal, or pipes, with a guest's console.</summary>
internal static class ConsoleAttachment
{
    private const int BufferSize = 4096;

    /// <summary>Ctrl-D.</summary>
    private static readonly byte[] EndOfTransmission = [4];

    /// <summary>Shows everything that the guest writes from now on.</summary>
    public static void ShowOutput(IGuest guest)
    {
        var output = Console.OpenStandardOutput();
        guest.Console.Output += bytes =>
        {
            output.Write(bytes.Span);
            output.Flush();
        };
    }

    /// <summary>
    /// Types into the guest what comes on standard input, until the guest has ended or the user leaves with Ctrl-A x.
    /// From a pipe, typing begins when the guest is ready, and at its end Ctrl-D follows: the guest's console, or a program that reads its
    /// standard input, then knows that nothing more comes.
    /// </summary>
    /// <param name="guest">The guest; powered on.</param>
    /// <param name="isTerminal">Standard input is a terminal in raw mode.</param>
    /// <param name="cancellationToken">Ends the attachment.</param>
    /// <returns>True when the user asked to leave.</returns>
    public static async Task<bool> TypeAsync(IGuest guest, bool isTerminal, CancellationToken cancellationToken)
    {
        if (!isTerminal && await guest.Events.WaitAsync(e => e.Kind == "ready", cancellationToken).ConfigureAwait(false) is null)
            return false;
        var quit = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        // Reading a terminal cannot be cancelled: a thread of its own does it, and is left behind at the end.
        new Thread(() => Read(guest, isTerminal, quit)) { IsBackground = true, Name = "stdin" }.Start();
        await Task.WhenAny(quit.Task, guest.Exit).WaitAsync(cancellationToken).ConfigureAwait(false);
        return quit.Task.IsCompletedSuccessfully && await quit.Task.ConfigureAwait(false);
    }

    private static void Read(IGuest guest, bool isTerminal, TaskCompletionSource<bool> quit)
    {
        var escape = new ConsoleEscape();
        var buffer = new byte[BufferSize];
        try
        {
            // Not Console's own stream: that one edits lines.
            using var handle = new SafeFileHandle(0, ownsHandle: false);
            using var input = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            while (input.Read(buffer) is > 0 and var count)
            {
                var typed = isTerminal ? escape.Filter(buffer.AsSpan(0, count)) : buffer.AsMemory(0, count);
                guest.Console.SendAsync(typed, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                if (!escape.Quit)
                    continue;
                quit.TrySetResult(true);
                return;
            }

            if (!isTerminal)
                guest.Console.SendAsync(EndOfTransmission, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The guest has ended while something was typed.
            quit.TrySetResult(false);
        }
    }
}
