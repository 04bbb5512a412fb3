using System.Text.Json;
using Togglr.ControlPlane.Algorithms;
using Togglr.ControlPlane.Attributes;
using Togglr.ControlPlane.Flags;
using Togglr.ControlPlane.Labels;
using Togglr.ControlPlane.Segments;
using Togglr.Hosting.Http;

namespace Togglr.ControlPlane.Demo;

/// <summary>The demo's content, as bodies of the API.</summary>
internal sealed record DemoShop
{
    public required IReadOnlyList<CreateCategoryRequest> Categories { get; init; }

    public required IReadOnlyList<CreateTagRequest> Tags { get; init; }

    public required IReadOnlyList<CreateAttributeRequest> Attributes { get; init; }

    public required IReadOnlyList<CreateSegmentRequest> Segments { get; init; }

    public required IReadOnlyList<DemoFlag> Flags { get; init; }

    public static DemoShop Read()
    {
        using var stream = typeof(DemoShop).Assembly.GetManifestResourceStream("shop.json")!;
        return JsonSerializer.Deserialize<DemoShop>(stream, StrictJson.Options)!;
    }
}

/// <summary>A flag of the demo and what happened to it.</summary>
internal sealed record DemoFlag
{
    public required CreateFlagRequest Create { get; init; }

    /// <summary>By environment.</summary>
    public IReadOnlyDictionary<string, FlagConfigurationRequest>? Configure { get; init; }

    /// <summary>What shares out its traffic, by environment.</summary>
    public IReadOnlyDictionary<string, PutAlgorithmRequest>? Algorithms { get; init; }

    /// <summary>Why it was killed.</summary>
    public string? Kill { get; init; }

    /// <summary>Why it was archived.</summary>
    public string? Archive { get; init; }
}
