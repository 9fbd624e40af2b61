using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GuestOS.Bench.Peer;

/// <summary>
/// Loads a block device around the page cache (O_DIRECT): one request at a time by pread and pwrite, several by the kernel's asynchronous
/// requests (io_submit), always as many in flight as the depth says.
/// </summary>
internal sealed unsafe class DiskLoad
{
    private const int MostDepth = 4;

    /// <summary>The clock is looked at once in so many requests: in an emulated machine each look may be a slow device access.</summary>
    private const int RequestsPerLook = 16;

    private readonly int _file;
    private readonly long _size;
    private readonly nint _context;
    private readonly byte* _buffers;
    private readonly int _bufferSize;

    /// <summary>Opens the device.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public DiskLoad(string path, int bufferSize)
    {
        _bufferSize = bufferSize;
        _buffers = (byte*)NativeMemory.AlignedAlloc((nuint)(bufferSize * MostDepth), 4096);
        new Span<byte>(_buffers, bufferSize * MostDepth).Fill(0x5A);
        _file = Linux.Open(path, Linux.ReadWriteDirect);
        if (_file < 0)
            throw new IOException($"{path} cannot be opened");
        _size = Linux.Seek(_file, 0, Linux.SeekEnd);
        nint context = 0;
        Check(Linux.Call(Linux.IoSetup, MostDepth, (nint)(&context), 0, 0, 0), "io_setup");
        _context = context;
    }

    /// <summary>Loads the device for a time.</summary>
    /// <returns>Requests carried out and the time that they took.</returns>
    /// <exception cref="IOException">A request failed.</exception>
    public (long Requests, TimeSpan Time) Run(bool write, bool random, int size, int depth, TimeSpan time)
    {
        var places = new Places(_size / size, random);
        return depth == 1 ? RunSingle(write, size, places, time) : RunDeep(write, size, depth, places, time);
    }

    private (long Requests, TimeSpan Time) RunSingle(bool write, int size, Places places, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        long count = 0;
        do
        {
            for (var i = 0; i < RequestsPerLook; i++, count++)
            {
                var offset = places.Next() * size;
                CheckSize(write ? Linux.Write(_file, _buffers, size, offset) : Linux.Read(_file, _buffers, size, offset), size);
            }
        }
        while (watch.Elapsed < time);
        return (count, watch.Elapsed);
    }

    private (long Requests, TimeSpan Time) RunDeep(bool write, int size, int depth, Places places, TimeSpan time)
    {
        var requests = stackalloc AioRequest[MostDepth];
        var pointers = stackalloc nint[MostDepth];
        var events = stackalloc AioEvent[MostDepth];
        var watch = Stopwatch.StartNew();
        long count = 0, look = RequestsPerLook;
        var idle = depth;
        for (var i = 0; i < depth; i++)
        {
            requests[i] = default;
            requests[i].Opcode = write ? Linux.AioWrite : Linux.AioRead;
            requests[i].File = (uint)_file;
            requests[i].Buffer = (ulong)(_buffers + (i * _bufferSize));
            requests[i].Count = (ulong)size;
            pointers[i] = (nint)(requests + i);
        }

        var isOver = false;
        while (true)
        {
            if (!isOver && idle > 0)
            {
                for (var i = 0; i < idle; i++)
                    ((AioRequest*)pointers[i])->Offset = places.Next() * size;
                for (var sent = 0; sent < idle;)
                    sent += (int)Check(Linux.Call(Linux.IoSubmit, _context, idle - sent, (nint)(pointers + sent), 0, 0), "io_submit");
                idle = 0;
            }

            if (idle == depth)
                return (count, watch.Elapsed);
            var ended = (int)Check(Linux.Call(Linux.IoGetEvents, _context, 1, depth, (nint)events, 0), "io_getevents");
            for (var i = 0; i < ended; i++)
            {
                CheckSize(events[i].Result, size);
                pointers[idle++] = (nint)events[i].Request;
            }

            count += ended;
            if (count < look)
                continue;
            look = count + RequestsPerLook;
            isOver = watch.Elapsed >= time;
        }
    }

    private static long Check(long result, string call) =>
        result >= 0 ? result : throw new IOException($"{call} failed: error {Marshal.GetLastSystemError()}");

    private static void CheckSize(long result, int size)
    {
        if (result != size)
            throw new IOException($"a request of {size} bytes ended with {result}, error {Marshal.GetLastSystemError()}");
    }
}
