//! Plausible Chinese names, places and sentences for demonstration data.

use fastrand::Rng;

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高",
    "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "萧", "田", "董", "袁", "潘", "于",
    "蒋", "蔡", "余", "杜", "叶", "程", "苏", "魏", "吕", "丁", "任", "沈", "欧阳", "上官", "诸葛",
];
const GIVEN: &[&str] = &[
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀英", "霞",
    "平", "刚", "桂英", "建国", "建华", "志强", "晓东", "晓明", "海燕", "雪梅", "文静", "子轩", "浩然", "宇航", "欣怡",
    "梓涵", "思远", "佳怡", "一鸣", "嘉豪", "雨桐", "曦宁", "国栋", "立新", "春燕", "玉兰", "振华", "晨曦", "若曦",
    "俊熙", "诗涵",
];
/// Province, city, counties.
const PLACES: &[(&str, &str, &[&str])] = &[
    ("北京市", "北京市", &["朝阳区", "海淀区", "房山区", "丰台区"]),
    ("上海市", "上海市", &["浦东新区", "徐汇区", "闵行区", "静安区"]),
    ("广东省", "深圳市", &["南山区", "福田区", "宝安区"]),
    ("广东省", "广州市", &["天河区", "越秀区", "番禺区"]),
    ("浙江省", "杭州市", &["西湖区", "滨江区", "余杭区"]),
    ("江苏省", "南京市", &["鼓楼区", "玄武区", "江宁区"]),
    ("四川省", "成都市", &["武侯区", "锦江区", "高新区"]),
    ("云南省", "昆明市", &["五华区", "盘龙区", "官渡区"]),
    ("湖北省", "武汉市", &["武昌区", "江汉区", "洪山区"]),
    ("陕西省", "西安市", &["雁塔区", "碑林区", "未央区"]),
    ("河北省", "石家庄市", &["长安区", "桥西区"]),
    ("山东省", "青岛市", &["市南区", "崂山区"]),
];
const TRADES: &[&str] = &[
    "科技",
    "信息技术",
    "建筑装饰",
    "商贸",
    "医疗器械",
    "教育咨询",
    "物流",
    "食品",
    "机械制造",
    "新能源",
    "环保",
    "传媒",
    "农业开发",
    "纺织",
    "电子",
    "生物医药",
    "酒店管理",
    "房地产",
    "汽车服务",
    "智能装备",
];
const FORMS: &[&str] = &["有限公司", "有限责任公司", "股份有限公司", "集团有限公司"];
const BRANDS: &[&str] = &[
    "华信", "中科", "博远", "盛世", "金鼎", "恒通", "天宇", "东方", "瑞丰", "宏达", "鑫源", "嘉合", "明德", "凯旋",
    "银河", "卓越", "万家", "百川", "云帆", "玉名", "长青", "海纳", "景行", "致远", "同创",
];
const BUREAUS: &[&str] = &["教育局", "卫生健康委员会", "交通运输局", "工业和信息化局", "文化和旅游局", "水务局"];
const JOBS: &[&str] =
    &["总经理", "采购经理", "工程师", "行政主管", "财务总监", "项目经理", "主任", "科长", "店长", "技术总监"];
const STREETS: &[&str] = &["人民路", "解放路", "中山大道", "建设街", "科技园路", "滨江大道", "学府路", "迎宾路"];
const GAINS: &[&str] = &[
    "客户认可方案,要求补充报价明细",
    "确认了采购预算,下月启动招标",
    "了解到竞争对手报价,需要调整策略",
    "约定下周到现场勘察",
    "客户对售后响应速度提出要求",
    "决策人已更换,需要重新拜访",
    "签约意向明确,正在走内部流程",
    "客户暂无需求,保持联系",
    "演示效果良好,对方希望试用一个月",
    "收集了三个部门的使用需求",
];
const DEMANDS: &[&str] = &[
    "增加季报导出功能",
    "交付日期提前两周",
    "增加两个培训名额",
    "付款方式改为分三期",
    "报表需要按部门汇总",
    "合同主体变更为子公司",
    "设备数量由10台增加到15台",
    "需要支持移动端审批",
    "验收标准按新版规范执行",
    "增加一年免费维护",
];
const CONTRACTS: &[&str] =
    &["采购合同", "技术服务合同", "年度维护合同", "装修工程合同", "软件开发合同", "战略合作协议"];

const COMMUNITIES: &[&str] =
    &["绿城", "万科城", "碧桂园", "龙湖天街", "保利花园", "中海国际", "金地名郡", "融创壹号院"];

fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    rng.choice(from).copied().unwrap_or_default()
}

/// Where somebody is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The province.
    pub province: &'static str,
    /// The city.
    pub city: &'static str,
    /// The county or district.
    pub county: &'static str,
    /// Street and number.
    pub street: String,
}

/// A place.
pub fn place(rng: &mut Rng) -> Place {
    let (province, city, counties) = rng.choice(PLACES).copied().unwrap_or(("北京市", "北京市", &["朝阳区"]));
    Place {
        province,
        city,
        county: pick(rng, counties),
        street: format!("{}{}号", pick(rng, STREETS), rng.u32(1..900)),
    }
}

/// A person's name of two to four characters.
pub fn person(rng: &mut Rng) -> String {
    format!("{}{}", pick(rng, SURNAMES), pick(rng, GIVEN))
}

/// The name of a company or, now and then, of a public office.
pub fn organization(rng: &mut Rng, place: &Place) -> String {
    let short = place.city.trim_end_matches('市');
    if rng.u8(0..12) == 0 {
        format!("{}{}{}", place.city, place.county, pick(rng, BUREAUS))
    } else {
        format!("{short}{}{}{}{}", pick(rng, BRANDS), pick(rng, GIVEN), pick(rng, TRADES), pick(rng, FORMS))
    }
}

/// A mobile phone number.
pub fn mobile(rng: &mut Rng) -> String {
    const PREFIXES: &[&str] = &["130", "135", "136", "138", "139", "150", "158", "176", "186", "188", "189", "199"];
    format!("{}{:08}", pick(rng, PREFIXES), rng.u32(0..100_000_000))
}

/// What somebody does.
pub fn job(rng: &mut Rng) -> &'static str {
    pick(rng, JOBS)
}

/// What came of a follow-up.
pub fn gain(rng: &mut Rng) -> &'static str {
    pick(rng, GAINS)
}

/// A demand.
pub fn demand(rng: &mut Rng) -> &'static str {
    pick(rng, DEMANDS)
}

/// The name of a contract.
pub fn contract(rng: &mut Rng) -> &'static str {
    pick(rng, CONTRACTS)
}

pub(super) fn community(rng: &mut Rng) -> String {
    pick(rng, COMMUNITIES).to_owned()
}
