using Npgsql;

namespace Togglr.Store;

/// <summary>The end of a chain, kept apart from its entries, so that a chain that was cut off is noticed.</summary>
/// <param name="OrganizationId">The chain.</param>
/// <param name="Sequence">The number of the last entry.</param>
/// <param name="Hash">Its hash.</param>
internal sealed record AuditHead(Guid OrganizationId, long Sequence, byte[] Hash)
{
    /// <summary>The columns that <see cref="Read"/> expects, after <c>organization_id</c>.</summary>
    internal const string Columns = "sequence, hash, base_sequence, base_hash, signed_from, suspect_from, signature";

    /// <summary>What lies up to here is not checked: it was removed because it was old enough, or somebody accepted it as it is.</summary>
    internal long BaseSequence { get; init; }

    /// <summary>The hash of the last entry of that.</summary>
    internal byte[] BaseHash { get; init; } = new byte[32];

    /// <summary>The first entry with a signature; null: none.</summary>
    internal long? SignedFrom { get; init; }

    /// <summary>The first entry before which the head was not as the program had left it.</summary>
    internal long? SuspectFrom { get; init; }

    /// <summary>Over everything above; null where nobody has signed yet.</summary>
    internal byte[]? Signature { get; init; }

    internal static AuditHead Read(NpgsqlDataReader row, Guid organizationId, int first) => new(organizationId, row.GetInt64(first), row.GetFieldValue<byte[]>(first + 1))
    {
        BaseSequence = row.GetInt64(first + 2), BaseHash = row.GetFieldValue<byte[]>(first + 3), SignedFrom = row.IsDBNull(first + 4) ? null : row.GetInt64(first + 4),
        SuspectFrom = row.IsDBNull(first + 5) ? null : row.GetInt64(first + 5), Signature = row.IsDBNull(first + 6) ? null : row.GetFieldValue<byte[]>(first + 6),
    };

    /// <summary>What is signed.</summary>
    internal string?[] Fields() =>
    [
        "togglr audit head 1", OrganizationId.ToString(), Sequence.ToString(), Convert.ToHexStringLower(Hash), BaseSequence.ToString(), Convert.ToHexStringLower(BaseHash),
        SignedFrom?.ToString(), SuspectFrom?.ToString(),
    ];
}
