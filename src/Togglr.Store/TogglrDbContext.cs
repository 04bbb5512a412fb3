using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Togglr.Store;

/// <summary>
/// All control data. Every change goes through <see cref="CommitAsync"/>, which writes entities, environment revisions, snapshot documents, the audit entry and
/// the outbox row in one transaction. Rows of other organizations than the current one cannot be seen or written.
/// </summary>
/// <remarks>
/// Only book-keeping that nobody audits may bypass it: <see cref="Sessions"/>, <see cref="RefreshTokens"/>, <see cref="ExternalIdentities"/>, <see cref="SsoRequests"/>, <see cref="DirectorySyncs"/>, <see cref="RecoveryCodes"/>, <see cref="PasswordResets"/>, <see cref="OutgoingMail"/>, <see cref="ScheduleClocks"/>, <see cref="RampClocks"/>, <see cref="RampObservations"/>, <see cref="AlgorithmSteps"/>, <see cref="FlagHealth"/>, <see cref="HealthTransitions"/>, <see cref="IncidentEvents"/>, <see cref="NotificationDeliveries"/>, <see cref="InboxItems"/>, <see cref="Watches"/>, <see cref="NotificationPreferences"/> and <see cref="Idempotency"/> by <c>SaveChangesAsync</c>, and counters and
/// times of last use by <c>ExecuteUpdateAsync</c>. <c>SaveChangesAsync</c> with anything else is refused.
/// </remarks>
public sealed partial class TogglrDbContext : DbContext
{
    private readonly TimeProvider _time;
    private readonly ChangeSignal _signal;
    private readonly AuditSeal _seal;

    /// <summary>Made by the service provider, once per request.</summary>
    public TogglrDbContext(DbContextOptions<TogglrDbContext> options, TimeProvider time, ChangeSignal signal, AuditSeal seal)
        : base(options) => (_time, _signal, _seal) = (time, signal, seal);

    /// <summary>What time it is for this context.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Name of the query filter that hides other organizations' rows, for <c>IgnoreQueryFilters([TenantFilter])</c>.</summary>
    public const string TenantFilter = "tenant";

    /// <summary>The organization whose rows are visible; empty: none.</summary>
    public Guid OrganizationId { get; private set; }

    /// <summary>All organizations: look one up by key, check the membership, then <see cref="UseOrganization"/>.</summary>
    public DbSet<Organization> Organizations => Set<Organization>();

    /// <summary>All users of the installation.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>Members of the current organization.</summary>
    public DbSet<Membership> Memberships => Set<Membership>();

    /// <summary>Custom roles of the current organization.</summary>
    public DbSet<Role> Roles => Set<Role>();

    /// <summary>Groups of the current organization.</summary>
    public DbSet<Group> Groups => Set<Group>();

    /// <summary>Who is in which group of the current organization.</summary>
    public DbSet<GroupMember> GroupMembers => Set<GroupMember>();

    /// <summary>Who has which role where in the current organization.</summary>
    public DbSet<RoleGrant> RoleGrants => Set<RoleGrant>();

    /// <summary>Service accounts of the current organization.</summary>
    public DbSet<ServiceAccount> ServiceAccounts => Set<ServiceAccount>();

    /// <summary>Tokens of people and service accounts in the current organization.</summary>
    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();

    /// <summary>Invitations to the current organization.</summary>
    public DbSet<Invitation> Invitations => Set<Invitation>();

    /// <summary>Identity providers of the current organization.</summary>
    public DbSet<IdentityProvider> IdentityProviders => Set<IdentityProvider>();

    /// <summary>What identity providers of the current organization call its people.</summary>
    public DbSet<ExternalIdentity> ExternalIdentities => Set<ExternalIdentity>();

    /// <summary>Syncs of directories of the current organization.</summary>
    public DbSet<DirectorySync> DirectorySyncs => Set<DirectorySync>();

    /// <summary>Lines in the logs of syncs of the current organization.</summary>
    public DbSet<DirectorySyncLine> DirectorySyncLines => Set<DirectorySyncLine>();

    /// <summary>Tokens of identity providers of the current organization.</summary>
    public DbSet<ProviderToken> ProviderTokens => Set<ProviderToken>();

    /// <summary>What SCIM clients say of members of the current organization.</summary>
    public DbSet<ScimPerson> ScimPeople => Set<ScimPerson>();

    /// <summary>All sign-ins.</summary>
    public DbSet<Session> Sessions => Set<Session>();

    /// <summary>All sign-ins by way of identity providers that are under way.</summary>
    public DbSet<SsoRequest> SsoRequests => Set<SsoRequest>();

    /// <summary>All refresh tokens.</summary>
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    /// <summary>All recovery codes.</summary>
    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    /// <summary>All permissions to set a new password.</summary>
    public DbSet<PasswordReset> PasswordResets => Set<PasswordReset>();

    /// <summary>All mail that waits to be sent.</summary>
    public DbSet<OutgoingMail> OutgoingMail => Set<OutgoingMail>();

    /// <summary>All remembered answers.</summary>
    public DbSet<IdempotencyRecord> Idempotency => Set<IdempotencyRecord>();

    /// <summary>Projects of the current organization.</summary>
    public DbSet<Project> Projects => Set<Project>();

    /// <summary>Environments of the current organization.</summary>
    public DbSet<ProjectEnvironment> Environments => Set<ProjectEnvironment>();

    /// <summary>Categories of the current organization.</summary>
    public DbSet<Category> Categories => Set<Category>();

    /// <summary>Tags of the current organization.</summary>
    public DbSet<Tag> Tags => Set<Tag>();

    /// <summary>Attribute catalogues of the current organization.</summary>
    public DbSet<AttributeDefinition> Attributes => Set<AttributeDefinition>();

    /// <summary>Saved contexts of the current organization.</summary>
    public DbSet<SavedContext> SavedContexts => Set<SavedContext>();

    /// <summary>Flags of the current organization.</summary>
    public DbSet<Flag> Flags => Set<Flag>();

    /// <summary>Saved views of the current organization, everybody's.</summary>
    public DbSet<SavedView> SavedViews => Set<SavedView>();

    /// <summary>States of flags of the current organization.</summary>
    public DbSet<FlagEnvironment> FlagEnvironments => Set<FlagEnvironment>();

    /// <summary>What changes need an approval in the current organization.</summary>
    public DbSet<ChangePolicy> ChangePolicies => Set<ChangePolicy>();

    /// <summary>Change requests of the current organization.</summary>
    public DbSet<ChangeRequest> ChangeRequests => Set<ChangeRequest>();

    /// <summary>Calls of change requests of the current organization.</summary>
    public DbSet<ChangeCommand> ChangeCommands => Set<ChangeCommand>();

    /// <summary>What people said to change requests of the current organization.</summary>
    public DbSet<ChangeApproval> ChangeApprovals => Set<ChangeApproval>();

    /// <summary>What happened to change requests of the current organization.</summary>
    public DbSet<ChangeRequestEvent> ChangeRequestEvents => Set<ChangeRequestEvent>();

    /// <summary>When flags were evaluated; read only.</summary>
    public DbSet<FlagUsage> FlagUsages => Set<FlagUsage>();

    /// <summary>Segments of the current organization.</summary>
    public DbSet<Segment> Segments => Set<Segment>();

    /// <summary>Members of segments' lists, for reading.</summary>
    public DbSet<SegmentKey> SegmentKeys => Set<SegmentKey>();

    /// <summary>SDK keys of the current organization.</summary>
    public DbSet<SdkKey> SdkKeys => Set<SdkKey>();

    /// <summary>The audit log of the current organization, for reading.</summary>
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    /// <summary>Makes the rows of one organization visible and writable. The caller has checked that the actor may.</summary>
    public void UseOrganization(Guid organizationId) => OrganizationId = organizationId;

    /// <summary>All memberships of one user, with their organizations, whatever the current organization is.</summary>
    public IQueryable<Membership> MembershipsOf(Guid userId) =>
        Memberships.IgnoreQueryFilters([TenantFilter]).Where(membership => membership.UserId == userId).Include(membership => membership.Organization);

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<JsonElement>().HaveConversion<JsonColumn.ElementConverter, JsonColumn.ElementComparer>().HaveColumnType("json");
        configurationBuilder.Properties<IReadOnlyList<Variant>>().HaveConversion<JsonColumn.VariantsConverter, JsonColumn.VariantsComparer>().HaveColumnType("json");
        configurationBuilder.Properties<BuiltInRole>().HaveConversion<EnumText.Converter<BuiltInRole>>();
        configurationBuilder.Properties<PasswordSignIn>().HaveConversion<EnumText.Converter<PasswordSignIn>>();
        configurationBuilder.Properties<SignInMethod>().HaveConversion<EnumText.Converter<SignInMethod>>();
        configurationBuilder.Properties<IdentityProviderKind>().HaveConversion<EnumText.Converter<IdentityProviderKind>>();
        configurationBuilder.Properties<SyncTrigger>().HaveConversion<EnumText.Converter<SyncTrigger>>();
        configurationBuilder.Properties<SyncStatus>().HaveConversion<EnumText.Converter<SyncStatus>>();
        configurationBuilder.Properties<CategoryKind>().HaveConversion<EnumText.Converter<CategoryKind>>();
        configurationBuilder.Properties<AttributeType>().HaveConversion<EnumText.Converter<AttributeType>>();
        configurationBuilder.Properties<SdkKeyKind>().HaveConversion<EnumText.Converter<SdkKeyKind>>();
        configurationBuilder.Properties<FlagType>().HaveConversion<EnumText.Converter<FlagType>>();
        configurationBuilder.Properties<FlagKind>().HaveConversion<EnumText.Converter<FlagKind>>();
        configurationBuilder.Properties<ScheduleKind>().HaveConversion<EnumText.Converter<ScheduleKind>>();
        configurationBuilder.Properties<ScheduleAction>().HaveConversion<EnumText.Converter<ScheduleAction>>();
        configurationBuilder.Properties<HealthAction>().HaveConversion<EnumText.Converter<HealthAction>>();
        configurationBuilder.Properties<HealthState>().HaveConversion<EnumText.Converter<HealthState>>();
        configurationBuilder.Properties<RampState>().HaveConversion<EnumText.Converter<RampState>>();
        configurationBuilder.Properties<ScheduleOutcome>().HaveConversion<EnumText.Converter<ScheduleOutcome>>();
        configurationBuilder.Properties<ChangeRequestState>().HaveConversion<EnumText.Converter<ChangeRequestState>>();
        configurationBuilder.Properties<DestinationKind>().HaveConversion<EnumText.Converter<DestinationKind>>();
        configurationBuilder.Properties<DeliveryState>().HaveConversion<EnumText.Converter<DeliveryState>>();
        configurationBuilder.Properties<InboxConcern>().HaveConversion<EnumText.Converter<InboxConcern>>();
        configurationBuilder.Properties<InboxMail>().HaveConversion<EnumText.Converter<InboxMail>>();
        configurationBuilder.Properties<MetricKind>().HaveConversion<EnumText.Converter<MetricKind>>();
        configurationBuilder.Properties<ExperimentState>().HaveConversion<EnumText.Converter<ExperimentState>>();
        configurationBuilder.Properties<ExperimentDecision>().HaveConversion<EnumText.Converter<ExperimentDecision>>();
        configurationBuilder.Properties<AlgorithmKind>().HaveConversion<EnumText.Converter<AlgorithmKind>>();
        configurationBuilder.Properties<SegmentList>().HaveConversion<EnumText.Converter<SegmentList>>();
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Organization>().ToTable("organizations").Property(row => row.AccessVersion).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        modelBuilder.Entity<User>().ToTable("users").Ignore(row => row.HasTwoFactor);
        modelBuilder.Entity<Role>().ToTable("roles");
        modelBuilder.Entity<Group>().ToTable("groups");
        modelBuilder.Entity<GroupMember>(member =>
        {
            member.ToTable("group_members").HasKey(row => new { row.GroupId, row.UserId });
            member.HasOne(row => row.Group).WithMany().HasForeignKey(row => row.GroupId);
            member.HasOne(row => row.User).WithMany().HasForeignKey(row => row.UserId);
        });
        modelBuilder.Entity<RoleGrant>().ToTable("role_grants").HasOne(row => row.Role).WithMany().HasForeignKey(row => row.RoleId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ServiceAccount>().ToTable("service_accounts");
        modelBuilder.Entity<ApiToken>().ToTable("api_tokens");
        modelBuilder.Entity<Invitation>().ToTable("invitations");
        modelBuilder.Entity<IdentityProvider>().ToTable("identity_providers");
        modelBuilder.Entity<ExternalIdentity>().ToTable("external_identities").HasKey(row => new { row.ProviderId, row.Subject });
        modelBuilder.Entity<Session>().ToTable("sessions").HasOne(row => row.User).WithMany().HasForeignKey(row => row.UserId);
        modelBuilder.Entity<SsoRequest>().ToTable("sso_requests");
        modelBuilder.Entity<Membership>(membership =>
        {
            membership.ToTable("memberships").HasKey(row => new { row.OrganizationId, row.UserId });
            membership.HasOne(row => row.Organization).WithMany().HasForeignKey(row => row.OrganizationId);
            membership.HasOne(row => row.User).WithMany().HasForeignKey(row => row.UserId);
        });
        modelBuilder.Entity<RefreshToken>(token =>
        {
            token.ToTable("refresh_tokens").Property(row => row.UsedAt).IsConcurrencyToken();
            token.HasOne(row => row.User).WithMany().HasForeignKey(row => row.UserId);
            token.HasOne(row => row.Session).WithMany().HasForeignKey(row => row.FamilyId);
        });
        modelBuilder.Entity<RecoveryCode>().ToTable("recovery_codes");
        modelBuilder.Entity<PasswordReset>(reset =>
        {
            reset.ToTable("password_resets").Property(row => row.UsedAt).IsConcurrencyToken();
            reset.HasOne(row => row.User).WithMany().HasForeignKey(row => row.UserId);
        });
        modelBuilder.Entity<OutgoingMail>().ToTable("outgoing_mail");
        modelBuilder.Entity<IdempotencyRecord>().ToTable("idempotency").HasKey(row => new { row.PrincipalId, row.Key });
        modelBuilder.Entity<DirectorySync>().ToTable("directory_syncs");
        modelBuilder.Entity<DirectorySyncLine>().ToTable("directory_sync_lines").HasKey(row => new { row.SyncId, row.Number });
        modelBuilder.Entity<ProviderToken>().ToTable("provider_tokens");
        modelBuilder.Entity<ScimPerson>().ToTable("scim_people").HasKey(row => new { row.ProviderId, row.UserId });
        modelBuilder.Entity<Project>().ToTable("projects");
        modelBuilder.Entity<ProjectEnvironment>(environment =>
        {
            environment.ToTable("environments").HasOne(row => row.Project).WithMany().HasForeignKey(row => row.ProjectId);
            environment.Property(row => row.Revision).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        });
        modelBuilder.Entity<Category>().ToTable("categories");
        modelBuilder.Entity<Tag>().ToTable("tags").Ignore(tag => tag.IsSafety);
        modelBuilder.Entity<AttributeDefinition>().ToTable("attributes");
        modelBuilder.Entity<SavedContext>().ToTable("saved_contexts");
        modelBuilder.Entity<SavedView>().ToTable("saved_views");
        modelBuilder.Entity<ChangePolicy>().ToTable("change_policies").Ignore(row => row.Terms);
        modelBuilder.Entity<ChangeRequest>(request =>
        {
            request.ToTable("change_requests").Ignore(row => row.Guard).Ignore(row => row.IsOpen);
            request.Property(row => row.Requirements).HasColumnType("json");
        });
        modelBuilder.Entity<ChangeCommand>(command =>
        {
            command.ToTable("change_request_commands").Ignore(row => row.BaseVersions).HasOne<ChangeRequest>().WithMany().HasForeignKey(row => row.RequestId);
            command.Property(row => row.Before).HasColumnType("json");
            command.Property(row => row.After).HasColumnType("json");
            command.Property(row => row.Bases).HasColumnType("json");
        });
        modelBuilder.Entity<ChangeApproval>().ToTable("change_request_approvals").HasOne<ChangeRequest>().WithMany().HasForeignKey(row => row.RequestId);
        modelBuilder.Entity<ChangeRequestEvent>().ToTable("change_request_events").HasOne<ChangeRequest>().WithMany().HasForeignKey(row => row.RequestId);
        modelBuilder.Entity<Flag>(flag =>
        {
            flag.ToTable("flags").Ignore(row => row.Details);
            flag.HasMany(row => row.Environments).WithOne(row => row.Flag!).HasForeignKey(row => row.FlagId);
            flag.Navigation(row => row.Environments).HasField("_environments").UsePropertyAccessMode(PropertyAccessMode.Field);
            flag.Property(row => row.Category).HasColumnName("category_key");
        });
        modelBuilder.Entity<FlagEnvironment>(state =>
        {
            state.ToTable("flag_environments").Ignore(row => row.Configuration).HasKey(row => new { row.FlagId, row.EnvironmentId });
            state.Property(row => row.Default).HasColumnName("default_serve");
        });
        modelBuilder.Entity<FlagUsage>().ToTable("flag_usage").HasKey(row => new { row.FlagId, row.EnvironmentId });
        modelBuilder.Entity<Segment>(segment =>
        {
            segment.ToTable("segments").Property(row => row.IncludedCount).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
            segment.Property(row => row.ExcludedCount).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        });
        modelBuilder.Entity<SegmentKey>().ToTable("segment_keys").HasKey(row => new { row.SegmentId, row.List, row.Key });
        modelBuilder.Entity<SdkKey>().ToTable("sdk_keys");
        AddSchedules(modelBuilder);
        AddNotifications(modelBuilder);
        AddHealth(modelBuilder);
        AddExperiments(modelBuilder);
        modelBuilder.Entity<AuditEntry>(entry =>
        {
            entry.ToTable("audit_entries").HasKey(row => new { row.OrganizationId, row.Sequence });
            entry.Property(row => row.Before).HasColumnType("json");
            entry.Property(row => row.After).HasColumnType("json");
            entry.Property<NpgsqlTypes.NpgsqlTsVector>("Search").IsRequired();
        });

        // EF writes in the order of these; the database holds the composite keys that keep tenants and projects apart.
        modelBuilder.Entity<Project>().HasOne<Organization>().WithMany().HasForeignKey(row => row.OrganizationId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Category>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Tag>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<AttributeDefinition>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<SavedContext>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ChangePolicy>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ChangeRequest>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<SavedView>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Segment>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Flag>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<FlagEnvironment>().HasOne<ProjectEnvironment>().WithMany().HasForeignKey(row => row.EnvironmentId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<SdkKey>().HasOne<ProjectEnvironment>().WithMany().HasForeignKey(row => row.EnvironmentId).OnDelete(DeleteBehavior.ClientNoAction);

        modelBuilder.Entity<Membership>().HasOne<Organization>(row => row.Organization).WithMany().HasForeignKey(row => row.OrganizationId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Invitation>().HasOne<User>().WithMany().HasForeignKey(row => row.AcceptedBy).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Role>().HasOne<Organization>().WithMany().HasForeignKey(row => row.OrganizationId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ServiceAccount>().HasOne<Organization>().WithMany().HasForeignKey(row => row.OrganizationId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<IdentityProvider>().HasOne<Organization>().WithMany().HasForeignKey(row => row.OrganizationId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Group>().HasOne<IdentityProvider>().WithMany().HasForeignKey(row => row.ProviderId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<RoleGrant>().HasOne<IdentityProvider>().WithMany().HasForeignKey(row => row.ProviderId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<RoleGrant>().HasOne<Group>().WithMany().HasForeignKey(row => row.GroupId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<RoleGrant>().HasOne<ServiceAccount>().WithMany().HasForeignKey(row => row.ServiceAccountId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<RoleGrant>().HasOne<Membership>().WithMany().HasForeignKey(row => new { row.OrganizationId, row.UserId }).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<GroupMember>().HasOne<Membership>().WithMany().HasForeignKey(row => new { row.OrganizationId, row.UserId }).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ApiToken>().HasOne<ServiceAccount>().WithMany().HasForeignKey(row => row.ServiceAccountId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<DirectorySync>().HasOne<IdentityProvider>().WithMany().HasForeignKey(row => row.ProviderId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<DirectorySyncLine>().HasOne<DirectorySync>().WithMany().HasForeignKey(row => row.SyncId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ProviderToken>().HasOne<IdentityProvider>().WithMany().HasForeignKey(row => row.ProviderId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ScimPerson>().HasOne<IdentityProvider>().WithMany().HasForeignKey(row => row.ProviderId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ScimPerson>().HasOne<Membership>().WithMany().HasForeignKey(row => new { row.OrganizationId, row.UserId }).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ExternalIdentity>().HasOne<IdentityProvider>().WithMany().HasForeignKey(row => row.ProviderId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<ExternalIdentity>().HasOne<Membership>().WithMany().HasForeignKey(row => new { row.OrganizationId, row.UserId }).OnDelete(DeleteBehavior.ClientNoAction);

        foreach (var type in modelBuilder.Model.GetEntityTypes())
        {
            if (typeof(ITenantOwned).IsAssignableFrom(type.ClrType))
                TenantFilterMethod.MakeGenericMethod(type.ClrType).Invoke(this, [modelBuilder]);
            if (typeof(Versioned).IsAssignableFrom(type.ClrType))
                type.FindProperty(nameof(Versioned.Version))!.IsConcurrencyToken = true;
            foreach (var property in type.GetProperties())
            {
                if (property.FindAnnotation(RelationalAnnotationNames.ColumnName) is null)
                    property.SetColumnName(SnakeCase(property.Name));
                if (property.ClrType == typeof(Guid) && property.IsPrimaryKey())
                    property.ValueGenerated = ValueGenerated.Never;
            }
        }
    }

    private static readonly System.Reflection.MethodInfo TenantFilterMethod =
        typeof(TogglrDbContext).GetMethod(nameof(AddTenantFilter), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!;

    internal static string SnakeCase(string name) =>
        string.Concat(name.Select((letter, i) => char.IsUpper(letter) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(letter) : letter.ToString()));

    private void AddTenantFilter<T>(ModelBuilder modelBuilder)
        where T : class, ITenantOwned => modelBuilder.Entity<T>().HasQueryFilter(TenantFilter, row => row.OrganizationId == OrganizationId);
}
