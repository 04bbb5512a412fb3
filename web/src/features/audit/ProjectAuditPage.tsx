import { getRouteApi } from '@tanstack/react-router'
import { NoAccess } from '@/shared/components/NoAccess'
import { useCan } from '@/shared/project/me'
import { useEnvironments } from '@/shared/project/scope'
import { AuditLog } from './AuditLog'

const route = getRouteApi('/signedIn/p/$org/$project/audit')

/** What was changed in one project. */
export function ProjectAuditPage() {
  const { org, project } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { environments } = useEnvironments()
  const canView = useCan('audit.view', { org, project })
  return !canView ? (
    <NoAccess />
  ) : (
    <AuditLog
      org={org}
      project={project}
      environments={environments}
      search={search}
      onSearch={(change, replace) => void navigate({ search: (previous) => ({ ...previous, ...change }), replace, resetScroll: false })}
    />
  )
}
