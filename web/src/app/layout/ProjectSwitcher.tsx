import { Badge, Button, Menu, Text, VisuallyHidden } from '@mantine/core'
import { IconBuilding, IconBuildingPlus, IconCheck, IconChevronDown, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery, projectsQuery, useCan } from '@/shared/project/me'
import { mayCreateOrganization } from '@/shared/project/organizations'
import type { Scope } from '@/shared/project/scope'

const CreateProjectDialog = lazy(() => import('@/features/projects/CreateProjectDialog'))
const CreateOrganizationDialog = lazy(() => import('@/features/projects/CreateOrganizationDialog'))

/** The projects of the organization, and the way to other organizations. */
export function ProjectSwitcher({ scope }: { scope: Scope }) {
  const m = useMessages()
  const navigate = useNavigate()
  const [creating, setCreating] = useState<'project' | 'organization' | null>(null)
  const { data: me } = useQuery(meQuery)
  const { data: projects = [] } = useQuery(projectsQuery(scope.org))
  const canCreate = useCan('project.create', { org: scope.org })
  const current = projects.find((item) => item.key === scope.project)
  const organizations = me?.organizations ?? []
  const here = organizations.find((item) => item.key === scope.org)?.name ?? scope.org
  const open = (org: string, project: string) =>
    void navigate({ to: '/p/$org/$project', params: { org, project }, search: {} })
  const enter = (org: string) => void navigate({ to: '/', search: { org } })

  return (
    <>
      <Menu position="bottom-start" width={280} withinPortal={false} styles={{ dropdown: { maxHeight: '70dvh', overflowY: 'auto' } }}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            c="var(--mantine-color-text)"
            px="xs"
            h={42}
            maw={220}
            // On a phone it shares what is left with the environment beside it, and both stay readable.
            style={{ flex: '0 1 auto', minWidth: 'min(96px, 25vw)' }}
            rightSection={<IconChevronDown size={15} aria-hidden />}
            styles={{ label: { flexDirection: 'column', alignItems: 'flex-start', justifyContent: 'center', lineHeight: 1.3, minWidth: 0 } }}
          >
            {/* Part of the text rather than a label in its stead: what is seen can be said to press it. */}
            <VisuallyHidden>{`${m.app.switchProject}: `}</VisuallyHidden>
            <Text span size="sm" fw={600} truncate maw="100%">
              {current?.name ?? scope.project}
            </Text>
            {organizations.length > 1 ? (
              <Text span size="xs" c="dimmed" fw={400} truncate maw="100%">
                {here}
              </Text>
            ) : (
              <VisuallyHidden>{here}</VisuallyHidden>
            )}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
            <Menu.Label>{here}</Menu.Label>
            {projects.map((project) => (
              <Menu.Item
                key={project.key}
                onClick={() => open(scope.org, project.key)}
                rightSection={project.key === scope.project ? <IconCheck size={15} aria-hidden /> : undefined}
              >
                <Text size="sm" fw={500}>
                  {project.name}
                </Text>
                <Text size="xs" c="dimmed" className="mono">
                  {project.key}
                </Text>
              </Menu.Item>
            ))}
            {canCreate && (
              <Menu.Item leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setCreating('project')}>
                {m.app.newProject}
              </Menu.Item>
            )}
            {(organizations.length > 1 || mayCreateOrganization(me)) && (
              <>
                <Menu.Divider />
                <Menu.Label>{m.home.organizations}</Menu.Label>
              </>
            )}
            {organizations.length > 1 &&
              organizations.map(({ key, name, requirement }) => (
                <Menu.Item
                  key={key}
                  leftSection={<IconBuilding size={15} aria-hidden />}
                  rightSection={
                    key === scope.org ? (
                      <IconCheck size={15} aria-hidden />
                    ) : requirement !== null ? (
                      <Badge variant="light" color="orange" tt="none" size="xs">
                        {requirement === 'sso_required' ? m.home.needsSso : m.home.needsTwoFactor}
                      </Badge>
                    ) : undefined
                  }
                  onClick={() => enter(key)}
                >
                  {name}
                </Menu.Item>
              ))}
            {mayCreateOrganization(me) && (
              <Menu.Item leftSection={<IconBuildingPlus size={15} aria-hidden />} onClick={() => setCreating('organization')}>
                {m.home.createOrganization}
              </Menu.Item>
            )}
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {creating === 'project' && (
          <CreateProjectDialog
            org={scope.org}
            onClose={() => setCreating(null)}
            onCreated={(project) => void navigate({ to: '/p/$org/$project/connect', params: { org: scope.org, project }, search: {} })}
          />
        )}
        {creating === 'organization' && <CreateOrganizationDialog onClose={() => setCreating(null)} onCreated={enter} />}
      </Suspense>
    </>
  )
}
