"""CloudFormation types of EC2, CloudFront and IAM that ministack lacks."""

import random
import string
import uuid

from calls import query_call
from ministack.core.responses import get_account_id, now_iso
from ministack.services import cloudfront, ec2, iam
from ministack.services.cloudformation import provisioners


def install():
    """Register the types."""
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::EC2::EIP"] = {"create": create_address, "delete": delete_address}
    handlers["AWS::EC2::Instance"] = {"create": create_instance, "delete": terminate_instance}
    handlers["AWS::EC2::NatGateway"] = {"create": create_nat_gateway, "delete": delete_nat_gateway}
    for direction, field in (("Ingress", "IpPermissions"), ("Egress", "IpPermissionsEgress")):
        handlers[f"AWS::EC2::SecurityGroup{direction}"] = security_group_rule(field)
    handlers["AWS::EC2::FlowLog"] = {"create": create_flow_log, "delete": lambda _id, _properties: None}
    handlers["AWS::CloudFront::VpcOrigin"] = {
        "create": create_vpc_origin,
        "update": update_vpc_origin,
        "delete": delete_vpc_origin,
    }
    handlers["AWS::IAM::RolePolicy"] = {
        "create": create_role_policy,
        "update": update_role_policy,
        "delete": delete_role_policy,
    }


def _hex_id(prefix):
    return prefix + uuid.uuid4().hex[:17]


def _tag(resource_id, properties):
    tags = properties.get("Tags") or []
    if tags:
        ec2._tags[resource_id] = [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in tags]


def create_address(_logical_id, properties, _stack):
    """AWS::EC2::EIP: `Ref` is the address itself."""
    answer = query_call("ec2", "AllocateAddress", {"Domain": "vpc"})
    allocation, address = answer.findtext(".//allocationId"), answer.findtext(".//publicIp")
    _tag(allocation, properties)
    return address, {"AllocationId": allocation, "PublicIp": address}


def delete_address(address, _properties):
    """Release the address, unless that happened already."""
    for allocation, record in list(ec2._addresses.items()):
        if record["PublicIp"] == address:
            query_call("ec2", "ReleaseAddress", {"AllocationId": allocation})


def create_instance(_logical_id, properties, _stack):
    """AWS::EC2::Instance: a record, not a machine; its address may be on a network interface of its own."""
    interface = (properties.get("NetworkInterfaces") or [{}])[0]
    request = {
        "ImageId": properties["ImageId"],
        "InstanceType": properties.get("InstanceType", "m1.small"),
        "MinCount": "1",
        "MaxCount": "1",
        "SubnetId": interface.get("SubnetId") or properties.get("SubnetId", ""),
    }
    groups = interface.get("GroupSet") or properties.get("SecurityGroupIds") or []
    request |= {f"SecurityGroupId.{number}": group for number, group in enumerate(groups, 1)}
    instance = query_call("ec2", "RunInstances", request).findtext(".//instanceId")
    _tag(instance, properties)
    record = ec2._instances[instance]
    record["SourceDestCheck"] = str(properties.get("SourceDestCheck", True)).lower() == "true"
    return instance, {
        "InstanceId": instance,
        "PrivateIp": record["PrivateIpAddress"],
        "PublicIp": record["PublicIpAddress"],
        "AvailabilityZone": record["Placement"]["AvailabilityZone"],
    }


def terminate_instance(instance, _properties):
    """Terminate the instance, unless that happened already."""
    if instance in ec2._instances:
        query_call("ec2", "TerminateInstances", {"InstanceId.1": instance})


def create_nat_gateway(_logical_id, properties, _stack):
    """AWS::EC2::NatGateway, zonal (in a subnet) or regional (in a VPC)."""
    if properties.get("AvailabilityMode") == "regional":
        subnet = next((s["SubnetId"] for s in ec2._subnets.values() if s["VpcId"] == properties["VpcId"]), "")
    else:
        subnet = properties["SubnetId"]
    request = {"SubnetId": subnet, "AllocationId": properties.get("AllocationId", "")}
    gateway = query_call("ec2", "CreateNatGateway", request).findtext(".//natGatewayId")
    _tag(gateway, properties)
    return gateway, {"NatGatewayId": gateway}


def delete_nat_gateway(gateway, _properties):
    """Delete the gateway, unless that happened already."""
    if gateway in ec2._nat_gateways:
        query_call("ec2", "DeleteNatGateway", {"NatGatewayId": gateway})


def security_group_rule(field):
    """Handlers of a rule that is a resource of its own, for one direction."""

    def create(_logical_id, properties, _stack):
        group = ec2._security_groups.get(properties["GroupId"])
        if group is None:
            raise ValueError(f"The security group '{properties['GroupId']}' does not exist")
        rule = provisioners._ec2_sg_permissions([properties])[0]
        if any(ec2._rules_match(rule, existing) for existing in group[field]):
            raise ValueError("the specified rule already exists")
        rule["SecurityGroupRuleId"] = _hex_id("sgr-")
        group[field].append(rule)
        return rule["SecurityGroupRuleId"], {"Id": rule["SecurityGroupRuleId"]}

    def delete(rule_id, properties):
        group = ec2._security_groups.get(properties["GroupId"])
        if group is not None:
            group[field] = [rule for rule in group[field] if rule.get("SecurityGroupRuleId") != rule_id]

    def update(rule_id, old, new, stack):
        delete(rule_id, old)
        return create("", new, stack)

    return {"create": create, "update": update, "delete": delete}


def create_flow_log(_logical_id, _properties, _stack):
    """AWS::EC2::FlowLog: there is no traffic to log, so only the id exists."""
    flow_log = _hex_id("fl-")
    return flow_log, {"Id": flow_log}


def _vpc_origin_config(properties):
    config = dict(properties["VpcOriginEndpointConfig"])
    for port in ("HTTPPort", "HTTPSPort"):
        config[port] = int(config.get(port) or (80 if port == "HTTPPort" else 443))
    config.setdefault("OriginProtocolPolicy", "match-viewer")
    config.setdefault("OriginSslProtocols", config.pop("OriginSSLProtocols", ["TLSv1.2"]))
    return config


def create_vpc_origin(_logical_id, properties, _stack):
    """AWS::CloudFront::VpcOrigin."""
    config = _vpc_origin_config(properties)
    if cloudfront._vpc_origin_name_taken(config["Name"]):
        raise ValueError(f"A VPC origin with the name {config['Name']} already exists.")
    origin_id = "vo_" + "".join(random.choices(string.ascii_letters + string.digits, k=22))
    now = now_iso()
    cloudfront._vpc_origins[origin_id] = {
        "Id": origin_id,
        "Arn": f"arn:aws:cloudfront::{get_account_id()}:vpcorigin/{origin_id}",
        "AccountId": get_account_id(),
        "Status": "Deployed",
        "CreatedTime": now,
        "LastModifiedTime": now,
        "VpcOriginEndpointConfig": config,
        "Version": 2,
    }
    return origin_id, _vpc_origin_attributes(origin_id)


def _vpc_origin_attributes(origin_id):
    record = cloudfront._vpc_origins[origin_id]
    return {key: record[key] for key in ("Id", "Arn", "Status", "CreatedTime", "LastModifiedTime")}


def update_vpc_origin(origin_id, _old, new, _stack):
    """Every property but the tags updates in place."""
    record = cloudfront._vpc_origins[origin_id]
    record["VpcOriginEndpointConfig"] = _vpc_origin_config(new)
    record["LastModifiedTime"] = now_iso()
    record["Version"] += 1
    return origin_id, _vpc_origin_attributes(origin_id)


def delete_vpc_origin(origin_id, _properties):
    """Delete the origin; AWS refuses while a distribution uses it."""
    if cloudfront._vpc_origin_in_use(origin_id):
        raise ValueError("The VPC origin is in use by a distribution.")
    cloudfront._vpc_origins.pop(origin_id, None)


def _role_policy_as_policy(properties):
    return {
        "PolicyName": properties["PolicyName"],
        "PolicyDocument": properties.get("PolicyDocument", {}),
        "Roles": [properties["RoleName"]],
    }


def create_role_policy(logical_id, properties, stack):
    """AWS::IAM::RolePolicy: one inline policy of one role."""
    if properties["RoleName"] not in iam._roles:
        raise ValueError(f"The role with name {properties['RoleName']} cannot be found.")
    provisioners._iam_policy_create(logical_id, _role_policy_as_policy(properties), stack)
    return f"{properties['PolicyName']}|{properties['RoleName']}", {}


def update_role_policy(physical_id, old, new, stack):
    """Write the new document over the old one."""
    old, new = _role_policy_as_policy(old), _role_policy_as_policy(new)
    provisioners._iam_policy_update(physical_id, old, new, stack)
    return f"{new['PolicyName']}|{new['Roles'][0]}", {}


def delete_role_policy(physical_id, properties):
    """Remove the policy from its role."""
    provisioners._iam_policy_delete(physical_id, _role_policy_as_policy(properties))
