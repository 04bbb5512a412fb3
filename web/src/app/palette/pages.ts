import type { MeView } from '@/shared/api/types'
import type { Messages } from '@/shared/i18n/messages'
import { may, maySomewhere } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import type { Entry } from './entries'

/** Every page that the person may see: of the project, of the organization, and their own. */
export function pages(scope: Scope, m: Messages, me: MeView | undefined): Entry[] {
  const page = (id: string, label: string, to: string, params: Record<string, string> = {}, hint?: string, search?: Record<string, string>): Entry => ({
    id: `page:${id}`, section: 'pages', label, hint, icon: 'page', deed: { kind: 'page', to, params, search },
  })
  const sees = (needs: string) => maySomewhere(me, needs, scope)
  const inProject = (id: string, label: string, path: string, hint?: string) => page(id, label, `/p/$org/$project${path}`, { ...scope }, hint)
  const setting = (id: string, label: string, path: string) => inProject(id, `${m.projectSettings.title}: ${label}`, `/settings${path}`)
  const inOrganization = (id: string, label: string, path = `/${id}`, search?: Record<string, string>) =>
    page(id, `${m.organization.title}: ${label}`, `/o/$org${path}`, { org: scope.org }, undefined, search)
  const own = (id: string, label: string) => page(`account-${id}`, `${m.account.title}: ${label}`, `/account/${id}`)
  const seesFlags = sees('flag.view')
  const manages = (needs: string) => may(me, needs, { org: scope.org })
  const anywhere = (needs: string) => maySomewhere(me, needs, { org: scope.org })
  return [
    ...(scope.project === '' || !sees('project.view') ? [] : [
      inProject('overview', m.overview.nav, ''),
      ...(seesFlags ? [
        inProject('flags', m.app.flags, '/flags', 'G F'),
        inProject('segments', m.app.segments, '/segments', 'G S'),
        inProject('experiments', m.app.experiments, '/experiments'),
        inProject('metrics', m.app.metrics, '/metrics'),
        inProject('layers', m.app.layers, '/layers'),
        inProject('schedules', m.schedules.title, '/schedules'),
        inProject('health', m.health.title, '/health'),
        inProject('analytics', m.events.analytics, '/analytics'),
        inProject('events', m.events.title, '/events'),
        inProject('evaluate', m.app.evaluate, '/evaluate', 'G E'),
        inProject('changes', m.changes.title, '/changes'),
        inProject('policies', m.changes.policiesTitle, '/changes/policies'),
      ] : []),
      inProject('environments', m.app.environments, '/environments', 'G N'),
      ...(seesFlags ? [inProject('compare', m.compare.title, '/environments/compare')] : []),
      ...(sees('audit.view') ? [inProject('audit', m.app.audit, '/audit', 'G A')] : []),
      inProject('connect', m.overview.connect, '/connect'),
      setting('settings', m.projectSettings.general, ''),
      setting('attributes', m.attributes.title, '/attributes'),
      setting('tags', m.labels.tags, '/tags'),
      setting('categories', m.labels.categories, '/categories'),
      ...(sees('notification.manage') ? [setting('notifications', m.inbox.notifications, '/notifications')] : []),
    ]),
    ...(scope.org === '' ? [] : [
      ...(anywhere('membership.view') ? [
        inOrganization('members', m.organization.members),
        inOrganization('groups', m.organization.groups),
        inOrganization('roles', m.organization.roles),
      ] : []),
      ...(anywhere('serviceaccount.manage') ? [inOrganization('service-accounts', m.organization.serviceAccounts)] : []),
      ...(manages('identity.manage') ? [inOrganization('sign-in', m.organization.signIn), inOrganization('security', m.organization.security)] : []),
      ...(anywhere('audit.view') ? [inOrganization('organization-audit', m.organization.audit, '/audit')] : []),
      ...(manages('notification.manage') ? [inOrganization('organization-notifications', m.inbox.notifications, '/notifications')] : []),
      ...(manages('organization.manage') ? [inOrganization('system', m.organization.system)] : []),
      inOrganization('general', m.organization.general),
    ]),
    page('inbox', m.inbox.title, '/inbox'),
    page('account', m.account.title, '/account'),
    own('notifications', m.inbox.notifications),
    own('password', m.account.password),
    own('two-factor', m.twoFactor.title),
    own('sessions', m.sessions.title),
    page('tokens', m.tokens.title, '/account/tokens'),
  ]
}
