using System.Text.Json;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>Something that QEMU told of its own accord.</summary>
/// <param name="Name">Name of the event, in capitals.</param>
/// <param name="Data">Its members; undefined when it has none.</param>
/// <param name="Time">When, by the clock of the machine that QEMU runs on; to the microsecond.</param>
internal sealed record QmpEvent(string Name, JsonElement Data, DateTimeOffset Time)
{
    /// <inheritdoc/>
    public override string ToString() => Data.ValueKind == JsonValueKind.Undefined ? Name : $"{Name} {Data.GetRawText()}";
}
