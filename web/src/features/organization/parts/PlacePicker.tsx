import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMessages } from '../texts/messages'
import { projectsQuery } from '@/shared/project/me'
import { environmentsQuery } from '@/shared/project/scope'
import { useMessages as useAuditMessages } from '@/shared/audit/texts/messages'
import type { Place } from '@/shared/project/useAccess'

type Props = { org: string; value: Place; onChange: (place: Place) => void; disabled?: boolean; everywhere?: string }

/** The whole organization, a project, or one environment of a project. */
export function PlacePicker({ org, value, onChange, disabled, everywhere }: Props) {
  const m = useMessages()
  const audit = useAuditMessages()
  const { data: projects = [] } = useQuery(projectsQuery(org))
  const project = value.project ?? ''
  const { data: environments = [] } = useQuery({ ...environmentsQuery({ org, project }), enabled: project !== '' })
  // What a mapping names may be gone, or not be visible: it stays choosable as it is.
  const projectChoices = projects.map(({ key, name }) => ({ value: key, label: name || key }))
  if (project !== '' && !projects.some(({ key }) => key === project)) {
    projectChoices.push({ value: project, label: project })
  }
  const environment = value.environment ?? ''
  const environmentChoices = environments.map(({ key, name }) => ({ value: key, label: name || key }))
  if (environment !== '' && !environments.some(({ key }) => key === environment)) {
    environmentChoices.push({ value: environment, label: environment })
  }
  return (
    <>
      <NativeSelect
        label={m.access.where}
        value={project}
        disabled={disabled}
        style={{ flex: '1 1 150px' }}
        onChange={(event) => onChange({ project: event.currentTarget.value || undefined })}
        data={[{ value: '', label: everywhere ?? m.access.wholeOrganization }, ...projectChoices]}
      />
      <NativeSelect
        label={m.access.environment}
        value={environment}
        disabled={disabled || project === ''}
        style={{ flex: '1 1 150px' }}
        onChange={(event) => onChange({ project, environment: event.currentTarget.value || undefined })}
        data={[{ value: '', label: audit.audit.allEnvironments }, ...environmentChoices]}
      />
    </>
  )
}
