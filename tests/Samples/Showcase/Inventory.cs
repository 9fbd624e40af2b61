using System.Text.Json.Serialization;

namespace Showcase;

/// <summary>Something to serialise.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Count">How many.</param>
/// <param name="Tags">Words for it.</param>
internal sealed record Item(string Name, int Count, IReadOnlyList<string> Tags);

/// <summary>JSON by source generation: no reflection at run time.</summary>
[JsonSerializable(typeof(List<Item>))]
internal sealed partial class InventoryJson : JsonSerializerContext;
