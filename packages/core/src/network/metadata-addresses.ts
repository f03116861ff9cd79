/**
 * Where clouds tell a machine its identity, often with credentials, without asking who calls. Each address is in the
 * vendor's own documentation, or in the code that it publishes for its machines.
 */
export const METADATA_ADDRESSES = [
  // EC2, and in the same place Google Cloud, Azure, Oracle, DigitalOcean, IBM and others:
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
  "169.254.169.254",
  "fd00:ec2::254",
  // ECS tasks: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
  "169.254.170.2",
  // EKS Pod Identity: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
  "169.254.170.23",
  "fd00:ec2::23",
  // Google Cloud: https://docs.cloud.google.com/compute/docs/metadata/querying-metadata
  "fd20:ce::254",
  // Azure's wire server: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  "168.63.129.16",
  // Alibaba Cloud: https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
  "100.100.100.200",
  // Oracle: https://docs.oracle.com/en/cloud/cloud-at-customer/occ-get-started/retrieve-predefined-instance-metadata.html
  "192.0.0.192",
  // Scaleway: https://www.scaleway.com/en/developers/api/instance/user-data
  "169.254.42.42",
  "fd00:42::42",
  // OpenStack, and Linode beside it:
  // https://specs.openstack.org/openstack/neutron-specs/specs/ussuri/metadata-add-ipv6-support.html
  "fe80::a9fe:a9fe",
  // Linode: https://techdocs.akamai.com/cloud-computing/docs/metadata-service-api
  "fd00:a9fe:a9fe::1",
] as const;
