using GuestOS.Testing.Block;

namespace GuestOS.Kernel.Tests.Block.Paths;

/// <summary>A medium with a volatile cache, which several devices reach.</summary>
internal sealed class SharedMedium
{
    private readonly byte[] _content;
    private readonly byte[] _durable;

    public SharedMedium(int blocks)
    {
        History = new BlockHistory(blocks);
        _content = new byte[blocks * BlockHistory.BlockSize];
        _durable = new byte[blocks * BlockHistory.BlockSize];
    }

    public BlockHistory History { get; }

    public void Read(ulong block, Span<byte> destination) => _content.AsSpan((int)block * BlockHistory.BlockSize, destination.Length).CopyTo(destination);

    public void Write(string device, ulong block, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < source.Length; i += BlockHistory.BlockSize)
            History.Execute(device, BitConverter.ToUInt64(source[i..]));
        source.CopyTo(_content.AsSpan((int)block * BlockHistory.BlockSize));
    }

    public void Flush() => _content.CopyTo(_durable, 0);

    /// <summary>Nothing is on its way: everything is where it must be.</summary>
    public void Check()
    {
        for (int i = 0; i < History.BlockCount; i++)
        {
            History.CheckMedium(i, _content.AsSpan(i * BlockHistory.BlockSize, BlockHistory.BlockSize));
            CheckDurable(i);
        }
    }

    /// <summary>What a loss of power would leave now.</summary>
    public void CheckDurable()
    {
        for (int i = 0; i < History.BlockCount; i++)
            CheckDurable(i);
    }

    private void CheckDurable(int block) =>
        History.CheckDurable(block, _durable.AsSpan(block * BlockHistory.BlockSize, BlockHistory.BlockSize));
}
