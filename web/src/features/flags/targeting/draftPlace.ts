/** Where the draft of a flag in an environment is kept. */
export const draftPlace = (org: string, project: string, flag: string, environment: string) =>
  `flag ${org}/${project}/${flag} in ${environment}`
