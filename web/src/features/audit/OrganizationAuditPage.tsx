import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { environmentsQuery } from '@/shared/project/scope'
import { AuditLog } from './AuditLog'

const route = getRouteApi('/signedIn/o/$org/audit')

/** What was changed in an organization, in all that the person may see of it. */
export function OrganizationAuditPage() {
  const { org } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const project = search.project ?? ''
  const { data: environments = [] } = useQuery({ ...environmentsQuery({ org, project }), enabled: project !== '' })
  return (
    <AuditLog
      org={org}
      environments={environments}
      search={search}
      onSearch={(change, replace) => void navigate({ search: (previous) => ({ ...previous, ...change }), replace, resetScroll: false })}
    />
  )
}
