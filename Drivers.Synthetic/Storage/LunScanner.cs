using System.Globalization;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.Synthetic.Storage.Scsi;
using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>Writes a command block into zeroed bytes.</summary>
/// <returns>Its length.</returns>
internal delegate byte CommandWriter(Span<byte> cdb);

/// <summary>
/// Looks which logical units there are and what they are. Hosts leave commands out, cut answers short and fail optional pages in ways that look
/// fatal: whatever is missing has a default, and only a unit without a type, or a disk without a size, is left out.
/// </summary>
internal sealed class LunScanner
{
    private const int Room = 252;
    private const int Attempts = 4;
    private readonly StorageAdapter _adapter;
    private readonly TimeProvider _clock;
    private readonly bool _continueInline;

    public LunScanner(StorageAdapter adapter, TimeProvider clock, bool continueInline)
    {
        _adapter = adapter;
        _clock = clock;
        _continueInline = continueInline;
    }

    /// <summary>The numbers that a target reports; null when it does not answer that.</summary>
    public async ValueTask<SortedSet<byte>?> ListAsync(byte path, byte target, CancellationToken cancellationToken)
    {
        var data = new byte[LunList.Room];
        var outcome = await ExecuteAsync(new LunAddress(path, target, 0), static cdb => CommandBlock.ReportLuns(cdb, LunList.Room), data, cancellationToken).ConfigureAwait(false);
        var luns = new SortedSet<byte>();
        return outcome.IsGood && LunList.TryRead(data.AsSpan(0, outcome.Transferred), luns) ? luns : null;
    }

    /// <summary>Looks at one logical unit.</summary>
    public async ValueTask<LunLook> LookAsync(LunAddress address, CancellationToken cancellationToken)
    {
        var data = new byte[Room];
        var outcome = await ExecuteAsync(
            address, static cdb => CommandBlock.Inquiry(cdb, null, ScsiConstants.InquiryLength), data.AsMemory(0, ScsiConstants.InquiryLength), cancellationToken).ConfigureAwait(false);

        // A host may fail INQUIRY and have filled it in; only one that does not answer at all says nothing.
        if (outcome.Kind != OutcomeKind.Answered)
            return LunLook.Unknown;
        if (outcome.SrbStatus is SrbStatus.InvalidLun or SrbStatus.InvalidTarget or SrbStatus.NoDevice)
            return LunLook.Absent;
        var length = outcome.IsGood ? outcome.Transferred : ScsiConstants.InquiryLength;
        if (!InquiryData.TryRead(data.AsSpan(0, length), out var inquiry))
            return LunLook.Unknown;
        if (!inquiry.IsConnected)
            return LunLook.Absent;
        var model = $"{inquiry.Vendor} {inquiry.Product}".Trim();
        if (inquiry.Type == ScsiConstants.OpticalType)
            return new LunLook(await DescribeOpticalAsync(address, model, cancellationToken).ConfigureAwait(false), false);
        if (inquiry.Type != ScsiConstants.DiskType)
        {
            _adapter.Warnings.Warning(string.Create(CultureInfo.InvariantCulture, $"logical unit {address}: {model} is of type {inquiry.Type:x2}, and left alone"));
            return LunLook.Unknown;
        }

        return new LunLook(await DescribeDiskAsync(address, model, inquiry.IsRemovable, data, cancellationToken).ConfigureAwait(false), false);
    }

    /// <summary>One command, tried again as long as something passing is in its way.</summary>
    public async ValueTask<CommandOutcome> ExecuteAsync(LunAddress address, CommandWriter write, Memory<byte> data, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var command = new AwaitedCommand(address, DataDirection.Read, data, _continueInline);
            command.Length = write(command.Cdb);
            _adapter.Submit(command);

            // The memory is the host's until it answers, so that is waited for; the watch over the adapter bounds it.
            var outcome = await command.Task.ConfigureAwait(false);
            var isPassing = outcome.Sense is { Key: SenseKey.UnitAttention } or { Key: SenseKey.NotReady, Code: 0x04 }
                || outcome.SrbStatus is SrbStatus.Busy or SrbStatus.BusReset or SrbStatus.Aborted or SrbStatus.Flushed
                || outcome.ScsiStatus is ScsiStatus.Busy or ScsiStatus.TaskSetFull;
            if (outcome.IsGood || !isPassing || attempt == Attempts)
                return outcome;
            await PauseAsync(StorvscTimeouts.PauseAfter(attempt), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<LunDescription> DescribeOpticalAsync(LunAddress address, string model, CancellationToken cancellationToken)
    {
        var data = new byte[8];
        var outcome = await ExecuteAsync(address, static cdb => CommandBlock.ReadCapacity10(cdb), data, cancellationToken).ConfigureAwait(false);
        var has = outcome.IsGood & Capacity.TryRead10(data.AsSpan(0, outcome.Transferred), out var capacity, out _);
        return new LunDescription(true, model, "", new BlockGeometry
        {
            BlockSize = has ? capacity.BlockSize : 2048,
            BlockCount = has ? capacity.BlockCount : 0,
            PhysicalBlockSize = has ? capacity.BlockSize : 2048,
            IsReadOnly = true,
            IsRemovable = true,
        }, 1);
    }

    private async ValueTask<LunDescription?> DescribeDiskAsync(
        LunAddress address, string model, bool isRemovable, byte[] data, CancellationToken cancellationToken)
    {
        if (await ReadCapacityAsync(address, data, cancellationToken).ConfigureAwait(false) is not { } capacity)
        {
            _adapter.Warnings.Warning($"logical unit {address}: {model} does not tell a size that can be, and is left alone");
            return null;
        }

        var pages = await ReadPageAsync(address, ScsiConstants.VpdSupportedPages, data, cancellationToken).ConfigureAwait(false);
        var serial = "";
        uint unmap = 0;
        if (VitalPages.TryOpen(pages.Span, ScsiConstants.VpdSupportedPages, out var list))
        {
            var numbers = list.ToArray();
            if (numbers.Contains(ScsiConstants.VpdSerialNumber))
            {
                var page = await ReadPageAsync(address, ScsiConstants.VpdSerialNumber, data, cancellationToken).ConfigureAwait(false);
                if (VitalPages.TryOpen(page.Span, ScsiConstants.VpdSerialNumber, out var text))
                    serial = ScsiText.Read(text, 0, text.Length);
            }

            if (numbers.Contains(ScsiConstants.VpdProvisioning) && numbers.Contains(ScsiConstants.VpdBlockLimits))
            {
                var provisioning = await ReadPageAsync(address, ScsiConstants.VpdProvisioning, data, cancellationToken).ConfigureAwait(false);
                if (VitalPages.ReadsUnmap(provisioning.Span))
                {
                    var limits = await ReadPageAsync(address, ScsiConstants.VpdBlockLimits, data, cancellationToken).ConfigureAwait(false);
                    unmap = VitalPages.ReadUnmapLimit(limits.Span);
                }
            }
        }

        data.AsSpan().Clear();
        var outcome = await ExecuteAsync(address, static cdb => CommandBlock.ModeSense6(cdb, ModePages.CachingPage, Room), data, cancellationToken).ConfigureAwait(false);
        var modes = ModePages.Read(data.AsSpan(0, outcome.IsGood ? outcome.Transferred : 0));
        return new LunDescription(false, model, serial, new BlockGeometry
        {
            BlockSize = capacity.BlockSize,
            BlockCount = capacity.BlockCount,
            PhysicalBlockSize = capacity.PhysicalBlockSize,
            IsReadOnly = modes.IsReadOnly,
            IsRemovable = isRemovable,
            CanDiscard = unmap != 0 && !modes.IsReadOnly,
            HasWriteCache = modes.HasWriteCache,
        }, Math.Clamp(unmap, 1, VitalPages.DefaultUnmapBlocks));
    }

    private async ValueTask<Capacity?> ReadCapacityAsync(LunAddress address, byte[] data, CancellationToken cancellationToken)
    {
        const int Length = 32;
        var outcome = await ExecuteAsync(
            address, static cdb => CommandBlock.ReadCapacity16(cdb, Length), data.AsMemory(0, Length), cancellationToken).ConfigureAwait(false);
        if (outcome.IsGood && Capacity.TryRead16(data.AsSpan(0, outcome.Transferred), out var capacity))
            return capacity;
        outcome = await ExecuteAsync(address, static cdb => CommandBlock.ReadCapacity10(cdb), data.AsMemory(0, 8), cancellationToken).ConfigureAwait(false);
        return outcome.IsGood && Capacity.TryRead10(data.AsSpan(0, outcome.Transferred), out capacity, out var isTooLarge) && !isTooLarge ? capacity : null;
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadPageAsync(LunAddress address, byte page, byte[] data, CancellationToken cancellationToken)
    {
        data.AsSpan().Clear();
        var outcome = await ExecuteAsync(address, cdb => CommandBlock.Inquiry(cdb, page, Room), data, cancellationToken).ConfigureAwait(false);
        return data.AsMemory(0, outcome.IsGood ? outcome.Transferred : 0);
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        var source = new TaskCompletionSource();
        using var timer = _clock.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), source, pause, Timeout.InfiniteTimeSpan);
        await source.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
