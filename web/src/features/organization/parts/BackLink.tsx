import { Button } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'

type Props = {
  to: '/o/$org/members' | '/o/$org/groups' | '/o/$org/roles' | '/o/$org/service-accounts' | '/o/$org/sign-in'
  org: string
  text: string
}

/** Leads from a page of one thing to the list of all. */
export function BackLink({ to, org, text }: Props) {
  return (
    <Button
      renderRoot={(props) => <Link to={to} params={{ org }} search={{}} {...props} />}
      variant="subtle"
      color="gray"
      size="compact-sm"
      leftSection={<IconArrowLeft size={15} aria-hidden />}
    >
      {text}
    </Button>
  )
}
