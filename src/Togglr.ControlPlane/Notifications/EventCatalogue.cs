namespace Togglr.ControlPlane.Notifications;

/// <summary>Something that can be subscribed to.</summary>
/// <param name="Key">The action of its audit entries, or <see cref="EventCatalogue.Bypassed"/>.</param>
/// <param name="Group">The group that people find it in.</param>
/// <param name="English">What happened, with <c>{what}</c> where the thing's name belongs.</param>
/// <param name="Russian">The same.</param>
internal sealed record EventKind(string Key, string Group, string English, string Russian)
{
    /// <summary>What happened, in a language.</summary>
    public string In(string language) => language == "ru" ? Russian : English;
}

/// <summary>
/// The events that people and destinations can be told of: entries of the audit log, in groups. Entries that are not in here (somebody signed in, saved a view, changed their own account) concern nobody else.
/// </summary>
internal static class EventCatalogue
{
    /// <summary>Somebody changed what is guarded without an approval, whatever it was.</summary>
    public const string Bypassed = "change.bypassed";

    public const string Approvals = "approvals";
    public const string Flags = "flags";
    public const string Schedules = "schedules";
    public const string Health = "health";
    public const string Experiments = "experiments";
    public const string Project = "project";
    public const string Access = "access";

    /// <summary>The groups, in the order in which pages show them.</summary>
    public static IReadOnlyList<string> Groups { get; } = [Approvals, Flags, Experiments, Health, Schedules, Project, Access];

    /// <summary>All events, in the order in which pages show them.</summary>
    public static IReadOnlyList<EventKind> All { get; } =
    [
        new("changerequest.created", Approvals, "opened the change request {what}", "новый запрос на изменение {what}"),
        new("changerequest.submitted", Approvals, "asks for approval of the change request {what}", "просит одобрить запрос на изменение {what}"),
        new("changerequest.edited", Approvals, "edited the change request {what}", "изменён запрос на изменение {what}"),
        new("changerequest.rebased", Approvals, "brought the change request {what} up to date", "обновлён запрос на изменение {what}"),
        new("changerequest.commented", Approvals, "commented on the change request {what}", "комментарий к запросу на изменение {what}"),
        new("changerequest.approved", Approvals, "approved the change request {what}", "одобрен запрос на изменение {what}"),
        new("changerequest.rejected", Approvals, "rejected the change request {what}", "отклонён запрос на изменение {what}"),
        new("changerequest.applied", Approvals, "applied the change request {what}", "применён запрос на изменение {what}"),
        new("changerequest.cancelled", Approvals, "took the change request {what} back", "отозван запрос на изменение {what}"),
        new("changerequest.expired", Approvals, "let the change request {what} expire: nobody approved or applied it in time", "истёк срок запроса на изменение {what}"),
        new("changerequest.conflicted", Approvals, "found the change request {what} in conflict with a newer change", "запрос на изменение {what} противоречит более новому изменению"),
        new(Bypassed, Approvals, "went past an approval to change {what}", "изменение в обход одобрения: {what}"),
        new("changepolicy.created", Approvals, "asks for approvals from now on ({what})", "изменения теперь требуют одобрения ({what})"),
        new("changepolicy.updated", Approvals, "changed which changes need an approval ({what})", "изменены правила одобрения ({what})"),
        new("changepolicy.deleted", Approvals, "asks for approvals no more ({what})", "одобрение больше не требуется ({what})"),

        new("flag.created", Flags, "created the flag {what}", "создан флаг {what}"),
        new("flag.updated", Flags, "edited the flag {what}", "изменён флаг {what}"),
        new("flag.configured", Flags, "changed the targeting of the flag {what}", "изменён таргетинг флага {what}"),
        new("flag.enabled", Flags, "switched the flag {what} on", "включён флаг {what}"),
        new("flag.disabled", Flags, "switched the flag {what} off", "выключен флаг {what}"),
        new("flag.killed", Flags, "pulled the kill switch of the flag {what}", "аварийно отключён флаг {what}"),
        new("flag.revived", Flags, "revived the flag {what} after its kill switch", "снято аварийное отключение флага {what}"),
        new("flag.archived", Flags, "archived the flag {what}", "в архив отправлен флаг {what}"),
        new("flag.restored", Flags, "restored the flag {what}", "восстановлен флаг {what}"),
        new("flag.deleted", Flags, "deleted the flag {what}", "удалён флаг {what}"),
        new("flag.promoted", Flags, "brought the flag {what} over from another environment", "флаг {what} перенесён из другого окружения"),
        new("segment.created", Flags, "created the segment {what}", "создан сегмент {what}"),
        new("segment.updated", Flags, "changed the segment {what}", "изменён сегмент {what}"),
        new("segment.keys_updated", Flags, "changed the lists of the segment {what}", "изменены списки сегмента {what}"),
        new("segment.keys_replaced", Flags, "replaced a list of the segment {what}", "заменён список сегмента {what}"),
        new("segment.deleted", Flags, "deleted the segment {what}", "удалён сегмент {what}"),

        new("incident.opened", Health, "opened an incident of {what}", "открыт инцидент: {what}"),
        new("incident.resolved", Health, "resolved the incident of {what}", "инцидент закрыт: {what}"),
        new("incident.commented", Health, "commented on the incident of {what}", "комментарий к инциденту: {what}"),
        new("flag.trial_started", Health, "began to try the flag {what} again for a few", "начата проба флага {what} на небольшой доле"),
        new("flag.trial_passed", Health, "found the flag {what} healthy again", "проба флага {what} прошла успешно"),
        new("flag.trial_ended", Health, "ended the trial of the flag {what}", "проба флага {what} прекращена"),
        new("flag.auto_disabled", Health, "disabled the flag {what} because of its errors", "флаг {what} отключён из-за ошибок"),

        new("schedule.created", Schedules, "scheduled {what}", "новое расписание {what}"),
        new("schedule.updated", Schedules, "changed the schedule {what}", "изменено расписание {what}"),
        new("schedule.deleted", Schedules, "deleted the schedule {what}", "удалено расписание {what}"),
        new("schedule.done", Schedules, "did what was scheduled as {what}; the flag was so already", "выполнено расписание {what}"),
        new("schedule.missed", Schedules, "missed what was scheduled as {what}", "пропущено расписание {what}"),
        new("schedule.failed", Schedules, "could not do what was scheduled as {what}", "не удалось выполнить расписание {what}"),
        new("ramp.started", Schedules, "started a ramp of the flag {what}", "запущена постепенная раскатка флага {what}"),
        new("ramp.stepped", Schedules, "took the ramp of the flag {what} a step further", "следующий шаг раскатки флага {what}"),
        new("ramp.waiting", Schedules, "holds the ramp of the flag {what} for an approval", "раскатка флага {what} ждёт одобрения"),
        new("ramp.approved", Schedules, "let the ramp of the flag {what} go on", "одобрен шаг раскатки флага {what}"),
        new("ramp.skipped", Schedules, "skipped a step of the ramp of the flag {what}", "пропущен шаг раскатки флага {what}"),
        new("ramp.paused", Schedules, "paused the ramp of the flag {what}", "приостановлена раскатка флага {what}"),
        new("ramp.resumed", Schedules, "resumed the ramp of the flag {what}", "возобновлена раскатка флага {what}"),
        new("ramp.rolledback", Schedules, "rolled the ramp of the flag {what} back", "раскатка флага {what} откачена"),
        new("ramp.completed", Schedules, "completed the ramp of the flag {what}", "завершена раскатка флага {what}"),
        new("ramp.cancelled", Schedules, "cancelled the ramp of the flag {what}", "отменена раскатка флага {what}"),

        new("experiment.created", Experiments, "began the draft of the experiment {what}", "создан черновик эксперимента {what}"),
        new("experiment.started", Experiments, "started the experiment {what}", "запущен эксперимент {what}"),
        new("experiment.phase_started", Experiments, "began a new phase of the experiment {what}", "начата новая фаза эксперимента {what}"),
        new("experiment.paused", Experiments, "paused the experiment {what}", "приостановлен эксперимент {what}"),
        new("experiment.resumed", Experiments, "resumed the experiment {what}", "возобновлён эксперимент {what}"),
        new("experiment.stopped", Experiments, "stopped the experiment {what}", "остановлен эксперимент {what}"),
        new("experiment.decided", Experiments, "decided the experiment {what}", "принято решение по эксперименту {what}"),
        new("experiment.overridden", Experiments, "changed the testers of the experiment {what}", "изменены тестировщики эксперимента {what}"),
        new("experiment.archived", Experiments, "archived the experiment {what}", "в архив отправлен эксперимент {what}"),
        new("experiment.deleted", Experiments, "deleted the experiment {what}", "удалён эксперимент {what}"),
        new("algorithm.started", Experiments, "let an algorithm share out the traffic of {what}", "трафик флага {what} распределяет алгоритм"),
        new("algorithm.updated", Experiments, "changed the algorithm of {what}", "изменён алгоритм флага {what}"),
        new("algorithm.removed", Experiments, "removed the algorithm of {what}", "удалён алгоритм флага {what}"),
        new("metric.created", Experiments, "created the metric {what}", "создана метрика {what}"),
        new("metric.updated", Experiments, "changed the metric {what}", "изменена метрика {what}"),
        new("metric.deleted", Experiments, "deleted the metric {what}", "удалена метрика {what}"),

        new("project.created", Project, "created the project {what}", "создан проект {what}"),
        new("project.updated", Project, "changed the project {what}", "изменён проект {what}"),
        new("project.deleted", Project, "deleted the project {what}", "удалён проект {what}"),
        new("environment.created", Project, "created the environment {what}", "создано окружение {what}"),
        new("environment.updated", Project, "changed the environment {what}", "изменено окружение {what}"),
        new("environment.promoted", Project, "brought states of another environment over to {what}", "в окружение {what} перенесены состояния другого окружения"),
        new("environment.deleted", Project, "deleted the environment {what}", "удалено окружение {what}"),
        new("key.created", Project, "issued the SDK key {what}", "выпущен ключ SDK {what}"),
        new("key.rotated", Project, "rotated the SDK key {what}", "заменён ключ SDK {what}"),
        new("key.revoked", Project, "revoked the SDK key {what}", "отозван ключ SDK {what}"),

        new("member.removed", Access, "removed the member {what}", "удалён участник {what}"),
        new("member.deactivated", Access, "deactivated the member {what}", "отключён участник {what}"),
        new("member.activated", Access, "activated the member {what}", "включён участник {what}"),
        new("invitation.created", Access, "invited {what}", "отправлено приглашение {what}"),
        new("invitation.accepted", Access, "accepted the invitation {what}", "принято приглашение {what}"),
        new("grant.created", Access, "gave a role to {what}", "выдана роль: {what}"),
        new("grant.deleted", Access, "took a role from {what}", "отозвана роль: {what}"),
        new("group.updated", Access, "changed the group {what}", "изменена группа {what}"),
        new("group.member_added", Access, "put somebody into the group {what}", "добавлен участник группы {what}"),
        new("group.member_removed", Access, "took somebody out of the group {what}", "исключён участник группы {what}"),
        new("role.created", Access, "created the role {what}", "создана роль {what}"),
        new("role.updated", Access, "changed the role {what}", "изменена роль {what}"),
        new("role.deleted", Access, "deleted the role {what}", "удалена роль {what}"),
        new("service_account.created", Access, "created the service account {what}", "создан сервисный аккаунт {what}"),
        new("service_account.deleted", Access, "deleted the service account {what}", "удалён сервисный аккаунт {what}"),
        new("token.created", Access, "issued the token {what}", "выпущен токен {what}"),
        new("identity_provider.created", Access, "connected the identity provider {what}", "подключён провайдер входа {what}"),
        new("identity_provider.updated", Access, "changed the identity provider {what}", "изменён провайдер входа {what}"),
        new("identity_provider.deleted", Access, "removed the identity provider {what}", "удалён провайдер входа {what}"),
        new("organization.security_updated", Access, "changed how people must sign in", "изменены правила входа"),
        new("organization.updated", Access, "changed the organization {what}", "изменена организация {what}"),
        new("audit.entries_removed", Access, "removed old entries of the audit log ({what})", "удалены старые записи журнала ({what})"),
    ];

    private static readonly Dictionary<string, EventKind> ByKey = All.ToDictionary(static kind => kind.Key, StringComparer.Ordinal);

    /// <summary>What is known of an action; null for what nobody is told of.</summary>
    public static EventKind? Find(string key) => ByKey.GetValueOrDefault(key);

    /// <summary>Whether a subscription can name this: an event or a group.</summary>
    public static bool IsSubscribable(string key) => ByKey.ContainsKey(key) || Groups.Contains(key, StringComparer.Ordinal);
}
