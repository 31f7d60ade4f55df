/** Who an audit event is about. The product shows one account in `Account`: the one that logs on or is checked, else the actor. */

export interface Accounts {
  readonly Account?: string;
  readonly AccountType?: 'User' | 'Machine';
  readonly SubjectAccount?: string;
  readonly TargetAccount?: string;
}

/** Logons, logoffs, Kerberos and NTLM: the account is the one that is authenticated. Elsewhere the subject acts. */
const aboutTarget = new Set([
  4624, 4625, 4626, 4627, 4634, 4647, 4649, 4675, 4768, 4769, 4770, 4771, 4772, 4773, 4774, 4775, 4776, 4777, 4964,
]);

type Data = ReadonlyMap<string, string>;

/** `DOMAIN\name`; a domain that the event has but leaves empty keeps its backslash, as in the product. */
function account(data: Data, ...[name, domain]: readonly [string, string]): string | undefined {
  const user = data.get(name);
  if (user === undefined) return undefined;
  const prefix = data.get(domain);
  return prefix === undefined ? user : `${prefix}\\${user}`;
}

const machineSids = /^S-1-5-(?:18|19|20)$/;

export function accountsOf(eventId: number, data: Data): Accounts {
  const subject = account(data, 'SubjectUserName', 'SubjectDomainName');
  const target = account(data, 'TargetUserName', 'TargetDomainName');
  const plain = account(data, 'AccountName', 'AccountDomain') ?? data.get('FullyQualifiedSubjectUserName');
  const isTarget = target !== undefined && (aboutTarget.has(eventId) || subject === undefined);
  const shown = isTarget ? target : (subject ?? plain);
  if (shown === undefined) return {};
  const sid = isTarget ? data.get('TargetUserSid') : data.get('SubjectUserSid');
  const isMachine = shown.endsWith('$') || machineSids.test(sid ?? '');
  return {
    Account: shown,
    AccountType: isMachine ? 'Machine' : 'User',
    ...(subject === undefined ? {} : { SubjectAccount: subject }),
    ...(target === undefined ? {} : { TargetAccount: target }),
  };
}
