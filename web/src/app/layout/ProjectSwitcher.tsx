import { Button, Menu, Text } from '@mantine/core'
import { IconCheck, IconChevronDown, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery, projectsQuery, useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'

const CreateProjectDialog = lazy(() => import('@/features/projects/CreateProjectDialog'))

export function ProjectSwitcher({ scope }: { scope: Scope }) {
  const m = useMessages()
  const navigate = useNavigate()
  const [creating, setCreating] = useState(false)
  const { data: me } = useQuery(meQuery)
  const { data: projects = [] } = useQuery(projectsQuery(scope.org))
  const canCreate = useCan('project.create', { org: scope.org })
  const current = projects.find((item) => item.key === scope.project)
  const open = (org: string, project: string) =>
    void navigate({ to: '/p/$org/$project/flags', params: { org, project }, search: {} })

  return (
    <>
      <Menu position="bottom-start" width={260}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            c="var(--mantine-color-text)"
            px="xs"
            fw={600}
            maw={200}
            rightSection={<IconChevronDown size={15} aria-hidden />}
            aria-label={`${m.app.switchProject}: ${current?.name ?? scope.project}`}
          >
            {current?.name ?? scope.project}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{me?.organizations.find((item) => item.key === scope.org)?.name ?? scope.org}</Menu.Label>
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
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setCreating(true)}>
                {m.app.newProject}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {creating && (
        <Suspense>
          <CreateProjectDialog
            org={scope.org}
            onClose={() => setCreating(false)}
            onCreated={(project) => open(scope.org, project)}
          />
        </Suspense>
      )}
    </>
  )
}
