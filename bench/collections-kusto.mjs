// Failures that are Kusto's too: its parser and binder accept these texts, its engine does not. Each with the reason.

const fromData = /\b(bag_unpack|pivot|narrow)\b/;

const known = [
  {
    name: 'needs columns that only the data have',
    fits: ({ reason, whole }) => /there is no column '/.test(reason) && fromData.test(whole),
  },
  {
    name: 'holds a placeholder',
    fits: ({ reason, whole }) =>
      /time zone '(YOUR|<|\{)/i.test(reason) ||
      (/^KQL(1002|4005)/.test(reason) && /<YOUR[ _-]|\{\{\w+\}\}/i.test(whole)),
  },
];

/** The name of the reason for which Kusto would fail as well; undefined when the failure is ours. `whole`: text and called bodies. */
export const alsoKustos = (reason, whole) => known.find((k) => k.fits({ reason, whole }))?.name;
