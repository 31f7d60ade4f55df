// Measures `ingest` end to end: CEF lines from a file through the connector into the engine's table, beside the bare insert
// of the same blocks, which is the most that any reader could reach.
//   npm run build && node bench/ingest.mjs [lines=1000000] [plain|gzip]
// CPU time tells more than the clock when the machine has other work: its load is printed with the figures.
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createGzip } from 'node:zlib';
import { connectors, ingest } from '../dist/ingest/index.js';
import { openStore } from '../dist/store/index.js';

const lines = Number(process.argv[2] ?? 1_000_000);
const isGzip = process.argv[3] === 'gzip';
const start = Date.UTC(2026, 2, 4);
const months = ['Jan', 'Feb', 'Mar'];

let seed = 7;
const random = (limit) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * limit);
};

const makers = [
  (time, epoch) =>
    `<189>${time} FGT-A CEF:0|Fortinet|Fortigate|v7.2.8|00013|traffic:forward close|3|deviceExternalId=FGT60F0000000001 FTNTFGTeventtime=${epoch}000000000 FTNTFGTtz=+0000 FTNTFGTlogid=0000000013 cat=traffic:forward FTNTFGTsubtype=forward FTNTFGTlevel=notice FTNTFGTvd=root src=10.1.${random(256)}.${random(256)} spt=${1024 + random(60000)} deviceInboundInterface=port1 FTNTFGTsrcintfrole=lan dst=203.0.113.${random(256)} dpt=443 deviceOutboundInterface=wan1 FTNTFGTdstintfrole=wan FTNTFGTsrccountry=Reserved FTNTFGTdstcountry=Netherlands externalId=${random(1e9)} proto=6 act=close FTNTFGTpolicyid=7 app=HTTPS FTNTFGTduration=${random(600)} out=${random(1e6)} in=${random(1e6)} FTNTFGTsentpkt=18 FTNTFGTrcvdpkt=20 FTNTFGTutmaction=allow`,
  (time) =>
    `<134>${time} zscaler-nss CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|act=Allowed app=HTTP cat=Newly Registered Domains dhost=host${random(1e5)}.example.com dst=203.0.113.${random(256)} src=10.1.${random(256)}.${random(256)} in=${random(1e6)} outcome=200 out=${random(1e5)} request=http://host${random(1e5)}.example.com/path/${random(1e9)} rt=${time.slice(0, 6)} 2026 ${time.slice(7)} sourceTranslatedAddress=10.1.2.3 requestClientApplication=Mozilla/5.0 (Windows NT 10.0; Win64; x64) requestMethod=GET suser=user${random(5000)}@example.com spriv=HQ externalId=${random(1e9)} fileType=None reason=Allowed destinationServiceName=General Browsing cn1=${random(100)} cn1Label=riskscore cs1=Sales cs1Label=dept cs5=None cs5Label=threatname`,
  (time) =>
    `<14>${time} fw1 CEF:0|Palo Alto Networks|PAN-OS|10.2.9|end|TRAFFIC|1|rt=${time.slice(0, 6)} 2026 ${time.slice(7)} GMT deviceExternalId=007200001056 src=10.1.${random(256)}.${random(256)} dst=203.0.113.${random(256)} sourceTranslatedAddress=198.51.100.4 destinationTranslatedAddress=203.0.113.9 cs1Label=Rule cs1=Outbound suser=corp\\\\user${random(5000)} duser= app=ssl cs3Label=Virtual System cs3=vsys1 cs4Label=Source Zone cs4=trust cs5Label=Destination Zone cs5=untrust deviceInboundInterface=ethernet1/2 deviceOutboundInterface=ethernet1/1 cn1Label=SessionID cn1=${random(1e6)} cnt=1 spt=${1024 + random(60000)} dpt=443 sourceTranslatedPort=40211 destinationTranslatedPort=443 proto=tcp act=allow flexNumber1Label=Total bytes flexNumber1=${random(1e6)} in=${random(1e6)} out=${random(1e6)} cn2Label=Packets cn2=38 PanOSPacketsReceived=20 PanOSPacketsSent=18 start=${time.slice(0, 6)} 2026 ${time.slice(7)} GMT cn3Label=Elapsed time in seconds cn3=12 cs2Label=URL Category cs2=any externalId=9001 reason=tcp-fin dvchost=fw1.example.com cat=from-policy`,
  (time, epoch) =>
    `<134>${time} mgmt1 CEF:0|Check Point|VPN-1 & FireWall-1|Check Point|Log|https|Unknown|act=Accept deviceDirection=1 rt=${epoch}000 spt=${1024 + random(60000)} dpt=443 cs2Label=Rule Name cs2=Outbound web layer_name=Network match_id=7 parent_rule=0 rule_action=Accept rule_uid=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee conn_direction=Outgoing ifname=eth1 logid=0 loguid={0x1,0x2,0x3,0x${random(1e6).toString(16)}} origin=192.0.2.1 originsicname=CN\\=gw1,O\\=mgmt1..abcdef sequencenum=1 version=5 dst=203.0.113.${random(256)} inzone=Internal outzone=External product=VPN-1 & FireWall-1 proto=6 service_id=https src=10.1.${random(256)}.${random(256)}`,
];

async function write(path) {
  const file = createWriteStream(path);
  const out = isGzip ? createGzip() : file;
  if (isGzip) out.pipe(file);
  for (let at = 0; at < lines; ) {
    let block = '';
    for (const end = Math.min(lines, at + 2000); at < end; at++) {
      const when = new Date(start + Math.floor((at / lines) * 86_400_000));
      const time = `${months[when.getUTCMonth()]} ${`${when.getUTCDate()}`.padStart(2)} ${when.toISOString().slice(11, 19)}`;
      block += `${makers[at % makers.length](time, Math.floor(when / 1000))}\n`;
    }
    if (!out.write(block)) await new Promise((done) => out.once('drain', done));
  }
  await new Promise((done) => file.once('close', done) && out.end());
}

const dataDir = join(await mkdtemp(join(tmpdir(), 'vedette-bench-')), 'data');
const directory = dirname(dataDir);
const store = await openStore({ dataDir });

/** CPU seconds of the engine so far; Linux counts them in hundredths. */
function engineCpu() {
  const { pid } = JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8'));
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Runs `body`, which gives its number of rows, and reports rows a second and CPU time a row. */
async function measure(body) {
  const [node, engine, from] = [process.cpuUsage(), engineCpu(), performance.now()];
  const rows = await body();
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(node);
  return {
    rowsPerSecond: Math.round(rows / seconds),
    nodeMicrosPerRow: Number(((user + system) / rows).toFixed(1)),
    engineMicrosPerRow: Number((((engineCpu() - engine) * 1e6) / rows).toFixed(1)),
    load: loadavg()[0],
  };
}

try {
  const path = join(directory, isGzip ? 'cef.log.gz' : 'cef.log');
  await write(path);
  const connector = connectors.find('CEF');
  const options = { receivedAt: start + 86_400_000 };
  await store.query('SELECT 1');
  let peak = 0;
  const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 200);
  const ingested = await measure(async () => (await ingest(store, connector, [path], options)).read);
  clearInterval(sampler);
  const stored = await store.query('SELECT count() FROM CommonSecurityLog');
  if (Number(stored.rows[0][0]) !== lines) throw new Error(`${stored.rows[0][0]} rows were stored, not ${lines}`);

  // The same blocks once more, kept instead of sent (their memory is used again), then sent alone.
  const blocks = [];
  const keeping = Object.create(store, {
    send: { value: async (_, { columns, pieces }) => blocks.push({ columns, pieces: [Buffer.concat(pieces)] }) },
  });
  await ingest(keeping, connector, [path], options);
  const bare = await measure(async () => {
    for (const [at, block] of blocks.entries()) await store.send('CommonSecurityLog', block, `bare:${at}`);
    return lines;
  });
  console.table({ ingest: ingested, 'bare insert': bare });
  console.log({
    bytes: (await stat(path)).size,
    peakRssMiB: Math.round(peak / 2 ** 20),
    ratioToBareInsert: Number((ingested.rowsPerSecond / bare.rowsPerSecond).toFixed(2)),
  });
} finally {
  await store.close();
  await rm(directory, { recursive: true, force: true });
}
