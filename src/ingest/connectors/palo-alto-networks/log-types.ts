/**
 * The fields of PAN-OS syslog (CSV) by log type, in the order of the documentation, from the first field on. `-` fields
 * are reserved. A record of an older release ends earlier; what a newer one adds is kept by its number.
 * Source: https://docs.paloaltonetworks.com/pan-os/11-1/pan-os-admin/monitoring/use-syslog-for-monitoring/syslog-field-descriptions
 */
const lead = '- receive_time serial type subtype config_ver time_generated';
const groups = 'dg1 dg2 dg3 dg4 vsys_name device_name';
const session =
  'src dst natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset time_received sessionid repeatcnt sport dport natsport natdport flags proto action';
const devices =
  'src_category src_profile src_model src_vendor src_osfamily src_osversion src_host src_mac dst_category dst_profile dst_model dst_vendor dst_osfamily dst_osversion dst_host dst_mac container_id pod_namespace pod_name src_edl dst_edl hostid serialnumber';
const apps =
  'subcategory_of_app category_of_app technology_of_app risk_of_app characteristic_of_app container_of_app tunneled_app is_saas_of_app sanctioned_state_of_app';

const orders: Readonly<Record<string, string>> = {
  TRAFFIC: `${session} bytes bytes_sent bytes_received packets start elapsed category - seqno actionflags srcloc dstloc - pkts_sent pkts_received session_end_reason ${groups} action_source src_uuid dst_uuid tunnelid monitortag parent_session_id parent_start_time tunnel assoc_id chunks chunks_sent chunks_received rule_uuid http2_connection link_change_count policy_id link_switches sdwan_cluster sdwan_device_type sdwan_cluster_type sdwan_site dynusergroup_name xff_ip ${devices} src_dag dst_dag session_owner high_res_timestamp nssai_sst nssai_sd ${apps} offloaded flow_type cluster_name`,
  THREAT: `${session} misc threatid category severity direction seqno actionflags srcloc dstloc - contenttype pcap_id filedigest cloud url_idx user_agent filetype xff referer sender subject recipient reportid ${groups} - src_uuid dst_uuid http_method tunnelid monitortag parent_session_id parent_start_time tunnel thr_category contentver - assoc_id ppid http_headers url_category_list rule_uuid http2_connection dynusergroup_name xff_ip ${devices} domain_edl src_dag dst_dag partial_hash high_res_timestamp reason justification nssai_sst ${apps}`,
  SYSTEM: `vsys eventid object - - module severity opaque seqno actionflags ${groups} - - high_res_timestamp`,
  CONFIG: `host vsys cmd admin client result path before_change_detail after_change_detail seqno actionflags ${groups} dg_id comment - high_res_timestamp`,
  GLOBALPROTECT:
    'vsys eventid stage auth_method tunnel_type srcuser srcregion machinename public_ip public_ipv6 private_ip private_ipv6 hostid serialnumber client_ver client_os client_os_ver repeatcnt reason error opaque status location login_duration connect_method error_code portal seqno actionflags high_res_timestamp selection_type response_time priority attempted_gateways gateway dg1 dg2 dg3 dg4 vsys_name device_name vsys_id',
  USERID: `vsys ip user datasourcename eventid repeatcnt timeout beginport endport datasource datasourcetype seqno actionflags ${groups} vsys_id factortype factorcompletiontime factorno ugflags userbysource tag_name high_res_timestamp origindatasource`,
  HIPMATCH: `srcuser vsys machinename os src matchname repeatcnt matchtype - - seqno actionflags ${groups} vsys_id srcipv6 hostid serialnumber mac high_res_timestamp`,
  AUTHENTICATION: `vsys ip user normalize_user object authpolicy repeatcnt authid vendor logset serverprofile desc clienttype event factorno seqno actionflags ${groups} vsys_id authproto rule_uuid high_res_timestamp`,
  CORRELATION: `src srcuser vsys category severity ${groups} vsys_id objectname object_id evidence`,
  IPTAG: `vsys ip tag_name event_id repeatcnt timeout datasourcename datasource_type datasource_subtype seqno actionflags ${groups} vsys_id high_res_timestamp`,
  DECRYPTION: `${session} tunnel - - src_uuid dst_uuid rule_uuid hs_stage_c2f hs_stage_f2s tls_version tls_keyxchg tls_enc tls_auth policy_name ec_curve err_index root_status chain_status proxy_type cert_serial fingerprint notbefore notafter cert_ver cert_size cn_len issuer_len rootcn_len sni_len cert_flags cn issuer_cn root_cn sni error container_id pod_namespace pod_name src_edl dst_edl src_dag dst_dag high_res_timestamp`,
  TUNNEL: `${session} severity seqno actionflags srcloc dstloc ${groups} tunnelid monitortag parent_session_id parent_start_time tunnel bytes bytes_sent bytes_received packets pkts_sent pkts_received max_encap unknown_proto strict_check tunnel_fragment sessions_created sessions_closed session_end_reason action_source start elapsed tunnel_insp_rule remote_user_ip remote_user_id rule_uuid pcap_id dynusergroup_name src_edl dst_edl high_res_timestamp nssai_sd nssai_sst pdu_session_id ${apps}`,
};

const fields = new Map(Object.entries(orders).map(([type, order]) => [type, `${lead} ${order}`.split(' ')]));
const leadFields = lead.split(' ');

/** Field names of a log type; of an unknown type the fields that all have. */
export const fieldsOf = (type: string): readonly string[] => fields.get(type) ?? leadFields;

/**
 * Field → CEF key and, for custom fields, their label, as the published CEF templates assign them. The template gives
 * bytes_sent to `in` and bytes_received to `out`. All other fields keep their name with the prefix PanOS.
 */
export const cefKeys: Readonly<Record<string, string | readonly [key: string, label: string]>> = {
  receive_time: 'rt',
  serial: 'deviceExternalId',
  src: 'src',
  dst: 'dst',
  natsrc: 'sourceTranslatedAddress',
  natdst: 'destinationTranslatedAddress',
  rule: ['cs1', 'Rule'],
  srcuser: 'suser',
  dstuser: 'duser',
  app: 'app',
  vsys: ['cs3', 'Virtual System'],
  from: ['cs4', 'Source Zone'],
  to: ['cs5', 'Destination Zone'],
  inbound_if: 'deviceInboundInterface',
  outbound_if: 'deviceOutboundInterface',
  logset: ['cs6', 'LogProfile'],
  sessionid: ['cn1', 'SessionID'],
  repeatcnt: 'cnt',
  sport: 'spt',
  dport: 'dpt',
  natsport: 'sourceTranslatedPort',
  natdport: 'destinationTranslatedPort',
  flags: ['flexString1', 'Flags'],
  proto: 'proto',
  action: 'act',
  bytes: ['flexNumber1', 'Total bytes'],
  bytes_sent: 'in',
  bytes_received: 'out',
  packets: ['cn2', 'Packets'],
  start: 'start',
  elapsed: ['cn3', 'Elapsed time in seconds'],
  category: ['cs2', 'URL Category'],
  seqno: 'externalId',
  session_end_reason: 'reason',
  pkts_received: 'PanOSPacketsReceived',
  pkts_sent: 'PanOSPacketsSent',
  dg1: 'PanOSDGl1',
  dg2: 'PanOSDGl2',
  dg3: 'PanOSDGl3',
  dg4: 'PanOSDGl4',
  vsys_name: 'PanOSVsysName',
  device_name: 'dvchost',
  action_source: 'cat',
  actionflags: 'PanOSActionFlags',
  src_uuid: 'PanOSSrcUUID',
  dst_uuid: 'PanOSDstUUID',
  tunnelid: 'PanOSTunnelID',
  monitortag: 'PanOSMonitorTag',
  parent_session_id: 'PanOSParentSessionID',
  parent_start_time: 'PanOSParentStartTime',
  tunnel: 'PanOSTunnelType',
  misc: 'request',
  threatid: 'cat',
  direction: ['flexString2', 'Direction'],
  contenttype: 'requestContext',
  filedigest: 'fileHash',
  filetype: 'fileType',
  user_agent: 'requestClientApplication',
  http_method: 'requestMethod',
  referer: 'PanOSReferer',
  xff: 'PanOSXForwarderfor',
  src_mac: 'smac',
  dst_mac: 'dmac',
  eventid: 'cat',
  object: 'fname',
  module: ['flexString2', 'Module'],
  opaque: 'msg',
  desc: 'msg',
  host: 'shost',
  cmd: 'act',
  admin: 'duser',
  client: 'destinationServiceName',
  result: 'outcome',
  path: 'msg',
  before_change_detail: ['cs1', 'Before Change Detail'],
  after_change_detail: ['cs2', 'After Change Detail'],
  machinename: 'shost',
  os: ['cs2', 'Operating System'],
  matchname: 'cat',
  public_ip: 'src',
  private_ip: 'sourceTranslatedAddress',
  ip: 'src',
  user: 'suser',
  status: 'outcome',
  reason: 'reason',
  event: 'act',
};
