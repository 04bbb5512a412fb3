import { Group, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Scope } from '@/shared/project/scope'
import { useMessages } from '../texts/messages'
import classes from './SectionTabs.module.css'

type Props = { scope: Scope; title: string; subtitle: string; count?: string; children?: ReactNode }

/** The head of the three pages of experiments, with the ways between them. */
export function SectionTabs({ scope, title, subtitle, count, children }: Props) {
  const { x } = useMessages()
  const links = [
    { to: '/p/$org/$project/experiments', label: x.experiments },
    { to: '/p/$org/$project/metrics', label: x.metrics },
    { to: '/p/$org/$project/layers', label: x.layers },
  ] as const
  return (
    <div>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Group gap="sm" align="baseline">
            <Title order={1} size="h3">
              {title}
            </Title>
            {count !== undefined && (
              <Text c="dimmed" size="sm">
                {count}
              </Text>
            )}
          </Group>
          <Text c="dimmed" maw={760}>
            {subtitle}
          </Text>
        </div>
        {children}
      </Group>
      <nav className={classes.tabs} aria-label={x.parts}>
        {links.map(({ to, label }) => (
          <Link key={to} to={to} params={scope} className={classes.tab} activeOptions={{ exact: true, includeSearch: false }}>
            {label}
          </Link>
        ))}
      </nav>
    </div>
  )
}
